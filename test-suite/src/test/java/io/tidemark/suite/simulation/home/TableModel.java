package io.tidemark.suite.simulation.home;

import io.tidemark.common.config.GuardPolicy;

/** A refreshable table: its definition and its target. */
public final class TableModel {
  public final String name;
  public final boolean progressive;
  public final boolean strict;
  public final boolean staged;
  public final GuardPolicy guard;
  public final int[] target;

  /** The target when the table was defined; not a column, for {@code Once}. */
  public final int[] origin;

  public TableModel(
      String name,
      boolean progressive,
      boolean strict,
      boolean staged,
      GuardPolicy guard,
      int[] target) {
    this.name = name;
    this.progressive = progressive;
    this.strict = strict;
    this.staged = staged;
    this.guard = guard;
    this.target = target.clone();
    this.origin = target.clone();
  }
}
