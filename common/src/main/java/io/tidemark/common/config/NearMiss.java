package io.tidemark.common.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** What a mistyped word was meant to be. */
final class NearMiss {
  private static final int MAX_EDITS = 2;
  private static final int MAX_LENGTH = 40;

  private NearMiss() {}

  /**
   * The known word nearest to what was written, by Levenshtein distance: at most two edits and less
   * than half of the word. Case, {@code -} and {@code _} do not count.
   */
  static Optional<String> of(String written, Collection<String> known) {
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

  /** Wagner and Fischer (1974), keeping one row of the matrix. */
  private static int edits(String from, String to) {
    var row = new int[to.length() + 1];
    for (int column = 0; column < row.length; column++) {
      row[column] = column;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replace = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
