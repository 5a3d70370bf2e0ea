package io.tidemark.common.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What a mistyped word was meant to be. */
public final class NearMiss {
  private static final int MAX_EDITS = 2;
  private static final int MAX_LENGTH = 40;

  private NearMiss() {}

  /**
   * The known word nearest to what was written, by edit distance: at most two edits and less than
   * half of the word. Case, {@code -} and {@code _} do not count.
   */
  public static Optional<String> of(String written, Collection<String> known) {
    var plain = plain(written);
    if (plain.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    return known.stream()
        .filter(word -> edits(plain, plain(word)) <= Math.min(MAX_EDITS, (word.length() - 1) / 2))
        .min(Comparator.comparingInt(word -> edits(plain, plain(word))));
  }

  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
  }

  /** Damerau (1964), as the optimal string alignment: two letters swapped are one edit. */
  private static int edits(String from, String to) {
    var edits = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        edits[i][j] = i == 0 ? j : j == 0 ? i : least(edits, from, i, to, j);
      }
    }
    return edits[from.length()][to.length()];
  }

  private static int least(int[][] edits, String from, int i, String to, int j) {
    int replace = edits[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
    int least = Math.min(replace, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
    boolean swapped =
        i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1);
    return swapped ? Math.min(least, edits[i - 2][j - 2] + 1) : least;
  }
}
