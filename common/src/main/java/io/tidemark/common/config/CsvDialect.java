package io.tidemark.common.config;

import java.util.Optional;

/**
 * How CSV files are written. Nothing of it is guessed: a guess may differ from file to file.
 *
 * @param delimiter between values, one character; empty: a comma, a tab in files named {@code .tsv}
 * @param quote around values that hold a delimiter, a quote or a newline; one character
 * @param escape before a quote inside quotes; one character
 * @param header whether the first record names the columns
 * @param nullText what an unquoted null looks like; a quoted one is a text
 * @param encoding of the characters
 */
public record CsvDialect(
    Optional<Character> delimiter,
    char quote,
    char escape,
    boolean header,
    String nullText,
    Encoding encoding) {
  public static final CsvDialect DEFAULT =
      new CsvDialect(Optional.empty(), '"', '"', true, "", Encoding.UTF_8);

  /** As Java and DuckDB both know them. */
  public enum Encoding {
    UTF_8("utf-8"),
    UTF_16("utf-16"),
    LATIN_1("iso-8859-1");

    private final String charset;

    Encoding(String charset) {
      this.charset = charset;
    }

    /** Its name for Java. */
    public String charset() {
      return charset;
    }
  }
}
