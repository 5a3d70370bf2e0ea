package io.tidemark.launcher.sync;

import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.LeaderLookup;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.launcher.node.Home;
import io.tidemark.launcher.node.Node;
import io.tidemark.launcher.node.NodeRole;
import io.tidemark.launcher.node.NodeSettings;
import io.tidemark.launcher.terminal.ProgressView;
import io.tidemark.launcher.terminal.Terminal;
import io.tidemark.meta.MetaSettings.LeaseKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One sync from the wait for the lease to its return: a node that leads, works and says what became
 * of each table. Whatever ends it early, what it then says is what the home holds.
 *
 * @param full refreshes read their sources, whatever the targets hold
 * @param asked completes when a signal came
 */
record SyncRun(
    TidemarkConfig config,
    List<TableDefinition> tables,
    TableSync.Wish wish,
    boolean full,
    SyncReport report,
    CompletionStage<Void> asked) {
  /** Added to the time that lanes keep trying to reach a home that is away. */
  private static final Duration HOME_MARGIN = Duration.ofSeconds(60);

  /** Added to a lease: until whoever waits for it leads. */
  private static final Duration LEASE_MARGIN = Duration.ofSeconds(10);

  /** How it went with each table; one refusal where it cannot begin at all. */
  List<TableOutcome> outcomes() {
    try (var home = Home.open(config)) {
      var progress = ProgressView.of(Terminal.ofProcess());
      LeaderLease.awaitFree(home.address(), progress::note, asked);
      var unfinished = Unfinished.of(home.address());
      var refusal = refusal(unfinished);
      if (refusal.isPresent()) {
        return List.of(shown(new TableOutcome.Refused(refusal.get())));
      }
      return interrupted() ? notBegun() : lead(home, unfinished, progress);
    }
  }

  private Optional<ErrorReport> refusal(Unfinished unfinished) {
    var names = tables.stream().map(TableDefinition::name).toList();
    return wish == TableSync.Wish.DRY_RUN
        ? unfinished.dryRunRefusal(names, report::command)
        : Optional.empty();
  }

  private List<TableOutcome> lead(Home home, Unfinished unfinished, ProgressView progress) {
    var id = NodeSettings.unique("sync");
    var settings =
        new NodeSettings(
            id,
            config,
            LeaseKind.SYNC,
            EnumSet.of(NodeRole.META, NodeRole.EXECUTOR),
            TidemarkConfig.Server.DEFAULT,
            Optional.empty(),
            tables,
            wish.refreshes());
    var outcomes = new ArrayList<TableOutcome>();
    try (var node = Node.start(settings, home)) {
      LeaderLease.requireNotOthers(home.address(), id);
      var watch = watch(node, progress);
      var sync = tableSync(node, watch, progress);
      for (var table : tables) {
        var name = table.name();
        outcomes.add(interrupted() ? notBegun(name) : sync.run(name, wish, unfinished.of(name)));
        if (!interrupted()) {
          shown(outcomes.getLast());
        }
      }
      if (interrupted()) {
        // On a terminal this also wipes out the ^C that it echoes.
        progress.note("interrupted: the lanes end at their last checkpoint");
        node.drain();
        outcomes.replaceAll(watch::settled);
        outcomes.forEach(this::shown);
      }
    }
    return outcomes;
  }

  private RefreshWatch watch(Node node, ProgressView progress) {
    var patience = config.executor().retryFor().plus(HOME_MARGIN);
    return new RefreshWatch(node.vertx(), new RefreshViews(node.home()), progress, patience, asked);
  }

  private TableSync tableSync(Node node, RefreshWatch watch, ProgressView progress) {
    var leader =
        new Leader(
            node.vertx(),
            new LeaderLookup(node.home()),
            config.meta().lease().plus(LEASE_MARGIN),
            asked);
    return new TableSync(leader, new RefreshViews(node.home()), watch, progress, full);
  }

  private List<TableOutcome> notBegun() {
    return tables.stream().map(table -> shown(notBegun(table.name()))).toList();
  }

  private TableOutcome notBegun(String table) {
    return new TableOutcome.Interrupted(table, wish.wanted(), Optional.empty());
  }

  private boolean interrupted() {
    return asked.toCompletableFuture().isDone();
  }

  private TableOutcome shown(TableOutcome outcome) {
    report.show(outcome, System.err);
    return outcome;
  }
}
