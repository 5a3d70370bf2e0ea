package io.tidemark.suite.simulation.home;

import io.tidemark.common.config.GuardPolicy;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A refreshable table: its definition and its target. */
public final class TableModel {
  public final String name;
  public final boolean progressive;
  public final boolean strict;
  public final boolean staged;

  /** Its source's versions have an identity: of staged ones only. */
  public final boolean versioned;

  public final GuardPolicy guard;
  public final int[] target;

  /** The target when the table was defined; not a column, for {@code Once}. */
  public final int[] origin;

  /** Its row of {@code tidemark.target_versions}; null: which version it holds is not known. */
  public @Nullable Held held;

  /** A version of the source that the target holds. */
  public static final class Held {
    /** That read it. */
    public final long refresh;

    /** Its identity: no other version is the same array. */
    public final int[] content;

    /** As {@code rows_read > 0}. */
    final boolean hasRows;

    Held(long refresh, int[] content, boolean hasRows) {
      this.refresh = refresh;
      this.content = content;
      this.hasRows = hasRows;
    }
  }

  /** A version is its array: another with the same rows is another version. */
  @SuppressWarnings("ReferenceEquality")
  public static boolean isSame(int @Nullable [] version, int[] other) {
    return version == other;
  }

  boolean isEmpty() {
    return Arrays.stream(target).noneMatch(value -> value != 0);
  }

  public TableModel(
      String name,
      boolean progressive,
      boolean strict,
      boolean staged,
      boolean versioned,
      GuardPolicy guard,
      int[] target) {
    this.name = name;
    this.progressive = progressive;
    this.strict = strict;
    this.staged = staged;
    this.versioned = staged && versioned;
    this.guard = guard;
    this.target = target.clone();
    this.origin = target.clone();
  }
}
