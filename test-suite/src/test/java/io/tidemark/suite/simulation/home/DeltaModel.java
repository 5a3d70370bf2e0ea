package io.tidemark.suite.simulation.home;

import java.util.List;

/**
 * Mirrors {@code DeltaTable}, {@code DeltaApply} and {@code DeltaRestart} of {@code
 * io.tidemark.executor.delta} for one refresh. A first load is a delta of inserts into an empty
 * target.
 */
final class DeltaModel {
  private final HomeModel home;
  private final RefreshModel refresh;

  DeltaModel(HomeModel home, RefreshModel refresh) {
    this.home = home;
    this.refresh = refresh;
  }

  /** DeltaTable.append; for a progressive refresh also DeltaApply.applyChunk. */
  void append(List<Difference> chunk) {
    for (var found : chunk) {
      var difference =
          new Difference(
              home.nextSeq(),
              found.vnode(),
              found.op(),
              found.key(),
              found.value(),
              found.snapshot());
      refresh.delta.add(difference);
      home.journal.add(new Written.Found(refresh, difference));
    }
  }

  /** Whether each of these differences finds the target as it was when it was found. */
  boolean fits(List<Difference> differences) {
    var target = refresh.table.target;
    // Deletes first, then updates, then inserts: as DeltaApply does, each key counts once.
    var seen = new int[Keys.COUNT];
    for (var each : differences) {
      if (seen[each.key()]++ > 0 || (target[each.key()] != 0) == (each.op() == 'I')) {
        return false;
      }
    }
    return true;
  }

  void apply(List<Difference> differences) {
    for (var each : differences) {
      var target = refresh.table.target;
      home.journal.add(new Written.Target(refresh, each, target[each.key()]));
      target[each.key()] = each.value();
    }
  }

  List<Difference> deletes() {
    return refresh.delta.stream().filter(each -> each.op() == 'D').toList();
  }

  /** DeltaApply.dropDeletes, and DeltaRestart for a progressive refresh. */
  void dropDeletes() {
    refresh.delta.removeIf(each -> each.op() == 'D');
  }
}
