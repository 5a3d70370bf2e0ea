package io.tidemark.executor.source.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Text files in pieces that lanes read apart from each other: small files several to a split, so
 * that ten thousand of them are few splits; large ones cut between records, where that is sure.
 */
final class TextSplits {
  /** Of a large file a piece has about so many bytes. */
  static final long PIECE_BYTES = 32L << 20;

  private static final long SMALLEST_GROUP_BYTES = 1 << 20;
  private static final int USUAL_GROUPS = 64;
  private static final int MOST_PIECES = 1_000;
  private static final int MOST_FILES_OF_A_GROUP = 250;

  private final boolean cuttable;
  private final byte quote;

  /**
   * @param cuttable whether records can be told apart from the middle of a file
   * @param quote inside which a line's end ends no record; {@link CsvCuts#NO_QUOTE}
   */
  TextSplits(boolean cuttable, byte quote) {
    this.cuttable = cuttable;
    this.quote = quote;
  }

  /** Together they hold each file's bytes once, in the files' order. */
  List<FileSplit> of(List<SourceFile> files) throws IOException {
    var total = files.stream().mapToLong(SourceFile::size).sum();
    var piece = Math.max(PIECE_BYTES, total / MOST_PIECES);
    var enough = Math.clamp(total / USUAL_GROUPS, SMALLEST_GROUP_BYTES, PIECE_BYTES);
    var splits = new ArrayList<FileSplit>();
    var group = new ArrayList<SourceFile>();
    var bytes = 0L;
    for (var file : files) {
      var large = cuttable && file.size() > piece + piece / 2;
      if (!group.isEmpty()
          && (large || bytes + file.size() > enough || group.size() == MOST_FILES_OF_A_GROUP)) {
        splits.add(new FileSplit(group, 0, 0, 0));
        group.clear();
        bytes = 0;
      }
      if (large) {
        splits.addAll(cut(file, piece));
      } else {
        group.add(file);
        bytes += file.size();
      }
    }
    if (!group.isEmpty()) {
      splits.add(new FileSplit(group, 0, 0, 0));
    }
    return splits;
  }

  private List<FileSplit> cut(SourceFile file, long piece) throws IOException {
    var pieces = new ArrayList<FileSplit>();
    var from = new CsvCuts.Cut(0, 1);
    for (var cut : CsvCuts.find(Path.of(file.path()), quote, piece)) {
      pieces.add(new FileSplit(List.of(file), from.offset(), cut.offset(), from.line()));
      from = cut;
    }
    pieces.add(new FileSplit(List.of(file), from.offset(), file.size(), from.line()));
    return pieces;
  }
}
