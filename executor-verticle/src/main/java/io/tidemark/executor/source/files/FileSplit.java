package io.tidemark.executor.source.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Several files one after the other, or some of the rows of one.
 *
 * @param from first row of each file, from 0
 * @param to row after the last, where it is not the file's end; 0: to the end
 */
record FileSplit(List<SourceFile> files, long from, long to) {
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
