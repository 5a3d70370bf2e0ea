package io.tidemark.suite.simulation;

import io.tidemark.suite.Databases;
import io.tidemark.suite.simulation.home.HomeModel;
import io.tidemark.suite.simulation.home.Keys;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All that a home holds, a text a row: a real home and its model, alike where they are equal. */
final class HomeImage {
  private HomeImage() {}

  /** All rows of the real home, as text. */
  static List<String> of(Connection home) throws SQLException {
    var rows = new ArrayList<String>();
    rows.addAll(
        Databases.column(
            home,
            """
            SELECT format('lease %s %s %s %s', holder, term, epoch, expires_at > clock_timestamp())
              FROM tidemark.leases
            """));
    rows.addAll(
        Databases.column(
            home,
            """
            SELECT format('refresh %s %s %s %s %s %s snapshot %s work %s %s %s %s term %s epoch %s'
                          ' attempt %s %s skipped %s worked %s staged %s %s %s',
                          row_number() OVER (ORDER BY id), state, paused, dry_run, plan IS NOT NULL,
                          skip_deletes, snapshot, work_owner, work_generation, work_losses,
                          work_lost_in, term, epoch, attempts, approved, vnodes_skipped,
                          (extract(epoch FROM worked) * 1000)::bigint, staged,
                          loaded_at IS NOT NULL, unchanged IS NOT NULL)
              FROM tidemark.refreshes ORDER BY id
            """));
    rows.addAll(
        Databases.column(
            home,
            """
            SELECT format('vnode %s %s at %s %s of %s in %s, %s, read %s, tries %s %s',
                          dense_rank() OVER (ORDER BY refresh_id), vnode, position[1], is_completed,
                          owner, generation, checkpoint, rows_read, tries, tried_in)
              FROM (SELECT * FROM tidemark.refresh_progress) p ORDER BY refresh_id, vnode
            """));
    rows.addAll(
        Databases.column(
            home,
            """
            SELECT format('split %s %s at %s %s of %s in %s, %s, loaded %s, tries %s %s',
                          dense_rank() OVER (ORDER BY refresh_id), split, position, is_completed,
                          owner, generation, checkpoint, rows_loaded, tries, tried_in)
              FROM tidemark.refresh_splits ORDER BY refresh_id, split
            """));
    rows.addAll(
        Databases.column(
            home,
            """
            SELECT format('held %s by %s', identity,
                          (SELECT count(*) FROM tidemark.refreshes WHERE id <= refresh_id))
              FROM tidemark.target_versions
            """));
    rows.addAll(
        Databases.column(
            home, "SELECT 'lost ' || executor FROM tidemark.lost_executors ORDER BY executor"));
    return rows;
  }

  /** Likewise of the model. */
  static List<String> of(HomeModel model, long now) {
    var rows = new ArrayList<String>();
    var held = model.lease;
    if (held.term > 0) {
      rows.add(
          "lease %s %d %d %s"
              .formatted(held.holder, held.term, held.epoch, held.expiresAt > now ? "t" : "f"));
    }
    var number = 0;
    for (var it : model.refreshes.values()) {
      rows.add(
          ("refresh %d %s %s %s %s %s snapshot %d work %s %d %d %d term %d epoch %d attempt %d %s"
                  + " skipped %d worked %d staged %s %s %s")
              .formatted(
                  ++number,
                  it.state,
                  it.paused ? "t" : "f",
                  it.dryRun ? "t" : "f",
                  it.planned ? "t" : "f",
                  it.skipDeletes ? "t" : "f",
                  it.snapshot,
                  Optional.ofNullable(it.workOwner).orElse(""),
                  it.workGeneration,
                  it.workLosses,
                  it.workLostIn,
                  it.term,
                  it.epoch,
                  it.attempts,
                  it.approved ? "t" : "f",
                  it.vnodesSkipped,
                  it.workedMillis,
                  it.staged ? "t" : "f",
                  it.loaded ? "t" : "f",
                  it.unchanged > 0 ? "t" : "f"));
    }
    number = 0;
    for (var refresh : model.refreshes.values()) {
      number += refresh.vnodes.isEmpty() ? 0 : 1;
      for (var it : refresh.vnodes) {
        rows.add(
            "vnode %d %d at %s %s of %s in %d, %d, read %d, tries %d %d"
                .formatted(
                    number,
                    it.vnode,
                    it.position == it.start()
                        ? ""
                        : Keys.text(it.position).orElseThrow().getFirst(),
                    it.completed ? "t" : "f",
                    Optional.ofNullable(it.owner).orElse(""),
                    it.generation,
                    it.checkpoint,
                    it.rows.read(),
                    it.tries,
                    it.triedIn));
      }
    }
    number = 0;
    for (var refresh : model.refreshes.values()) {
      number += refresh.splits.isEmpty() ? 0 : 1;
      for (var it : refresh.splits) {
        rows.add(
            "split %d %d at %s %s of %s in %d, %d, loaded %d, tries %d %d"
                .formatted(
                    number,
                    it.split,
                    Keys.text(it.position).map(List::getFirst).orElse(""),
                    it.completed ? "t" : "f",
                    Optional.ofNullable(it.owner).orElse(""),
                    it.generation,
                    it.checkpoint,
                    it.rows.read(),
                    it.tries,
                    it.triedIn));
      }
    }
    for (var table : model.tables.values()) {
      if (table.held != null) {
        var version = table.held;
        rows.add(
            "held %s by %d"
                .formatted(
                    Pair.identity(version.content),
                    model.refreshes.keySet().stream().filter(id -> id <= version.refresh).count()));
      }
    }
    model.lost.forEach(executor -> rows.add("lost " + executor));
    return rows;
  }
}
