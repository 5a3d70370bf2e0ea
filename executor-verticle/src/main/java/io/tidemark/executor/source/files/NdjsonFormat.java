package io.tidemark.executor.source.files;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** NDJSON files: any of the columns may be missing in any object. */
final class NdjsonFormat implements TextFormat {
  private final List<String> names;
  private final List<Boolean> asJson;

  /**
   * @param names of the version's columns
   * @param asJson which of them go to a column of JSON
   */
  NdjsonFormat(List<String> names, List<Boolean> asJson) {
    this.names = List.copyOf(names);
    this.asJson = List.copyOf(asJson);
  }

  @Override
  public Charset charset() {
    return StandardCharsets.UTF_8;
  }

  @Override
  public TextRows rows(SourceFile file, Window window, long line, boolean head) {
    return new NdjsonRows(file.path(), window, line, names, asJson);
  }
}
