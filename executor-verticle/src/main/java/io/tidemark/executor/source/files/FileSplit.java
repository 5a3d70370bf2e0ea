package io.tidemark.executor.source.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Several files one after the other, or a piece of one.
 *
 * @param from where each file begins: a row of Parquet, a byte of a text, from 0
 * @param to where it ends; 0: where the file does
 * @param line of a text that the piece begins with, from 1; else 0
 */
record FileSplit(List<SourceFile> files, long from, long to, long line) {
  FileSplit {
    files = List.copyOf(files);
  }

  String json() {
    try {
      return Json.MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static FileSplit read(String json) {
    try {
      return Json.MAPPER.readValue(json, FileSplit.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
