package io.tidemark.suite.simulation.home;

import io.tidemark.common.home.RefreshProgressTable.Claim;
import java.util.Optional;

/** A row of {@code tidemark.refresh_splits}: every {@link #SPLITS}th key, out of order. */
public final class SplitRow extends OwnedRow {
  public static final int SPLITS = 3;

  public final int split;

  /** Last key loaded; below 0: at its start. */
  public int position = -1;

  SplitRow(int split) {
    this.split = split;
  }

  /** The key after this one, or the first; {@link Keys#COUNT} or above: there is none. */
  public static int next(int split, int key) {
    return key < 0 ? split : key + SPLITS;
  }

  @Override
  Claim claim() {
    return new Claim(
        split,
        generation,
        checkpoint,
        Optional.empty(),
        Optional.empty(),
        Keys.text(position),
        rows,
        0);
  }
}
