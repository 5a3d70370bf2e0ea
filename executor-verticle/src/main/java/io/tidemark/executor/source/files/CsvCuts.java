package io.tidemark.executor.source.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where a large text file can be cut, so that several lanes read it: after a line's end that is not
 * inside quotes. Whether it is follows from the number of quotes before it, odd or even, where an
 * escaped quote is a doubled one. So the whole file is looked at, eight bytes at a time, before any
 * row is read: a guess by what stands nearby would be wrong for some file.
 */
final class CsvCuts {
  private static final int BUFFER = 1 << 20;

  /** Most records end within so many bytes. */
  private static final int NEAR = 8 << 10;

  private static final long ONES = 0x0101010101010101L;
  private static final long LOW = 0x7f7f7f7f7f7f7f7fL;
  private static final long LINE_END_IN_EACH = ONES * '\n';

  /** Where every line's end ends a record: a byte that is in no text. */
  static final byte NO_QUOTE = 0;

  private CsvCuts() {}

  /**
   * A place where a record begins.
   *
   * @param line from 1
   */
  record Cut(long offset, long line) {}

  /**
   * Cuts about every so many bytes; neither the file's start nor its end is one. What stands before
   * a cut is counted on all processors: nothing can be loaded before.
   */
  static List<Cut> find(Path file, byte quote, long every) throws IOException {
    try (var channel = FileChannel.open(file)) {
      var size = channel.size();
      var counts =
          IntStream.range(0, Math.toIntExact(size / every))
              .parallel()
              .mapToObj(piece -> count(channel, quote, piece * every, (piece + 1) * every))
              .toList();
      var cuts = new ArrayList<Cut>();
      var before = new Counts(0, 0);
      var last = 0L;
      for (var piece = 0; piece < counts.size(); piece++) {
        before = before.plus(counts.get(piece));
        var due = (piece + 1) * every;
        // Not where a record is longer than a piece.
        if (due >= last) {
          var cut = next(channel, quote, due, before);
          if (cut.isEmpty()) {
            break;
          }
          cuts.add(cut.get());
          last = cut.get().offset();
        }
      }
      return cuts;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private record Counts(long quotes, long lines) {
    Counts plus(Counts more) {
      return new Counts(quotes + more.quotes, lines + more.lines);
    }
  }

  private static Counts count(FileChannel channel, byte quote, long from, long to) {
    var bytes = new byte[(int) Math.min(BUFFER, to - from)];
    var buffer = ByteBuffer.wrap(bytes);
    var words = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    var quoteInEach = ONES * (quote & 0xff);
    var quotes = 0L;
    var lines = 0L;
    try {
      for (var offset = from; offset < to; ) {
        buffer.clear().limit((int) Math.min(bytes.length, to - offset));
        var read = channel.read(buffer, offset);
        if (read < 0) {
          break;
        }
        var i = 0;
        for (; i + Long.BYTES <= read; i += Long.BYTES) {
          var word = words.getLong(i);
          quotes += matches(word ^ quoteInEach);
          lines += matches(word ^ LINE_END_IN_EACH);
        }
        for (; i < read; i++) {
          quotes += bytes[i] == quote ? 1 : 0;
          lines += bytes[i] == '\n' ? 1 : 0;
        }
        offset += read;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Counts(quotes, lines);
  }

  /** Behind the first line's end that stands in no quotes; empty where that is the file's end. */
  private static Optional<Cut> next(FileChannel channel, byte quote, long from, Counts before)
      throws IOException {
    var buffer = ByteBuffer.allocate(NEAR);
    var quotes = before.quotes;
    var lines = before.lines;
    for (var offset = from; channel.read(buffer.clear(), offset) > 0; ) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        var b = buffer.get();
        offset++;
        quotes += b == quote ? 1 : 0;
        if (b == '\n') {
          lines++;
          if (quotes % 2 == 0) {
            return offset < channel.size()
                ? Optional.of(new Cut(offset, lines + 1))
                : Optional.empty();
          }
        }
      }
    }
    return Optional.empty();
  }

  /** How many of eight bytes are zero. Most often none: without C2 counting bits takes a while. */
  private static int matches(long differs) {
    var zeros = ~(((differs & LOW) + LOW) | differs | LOW);
    return zeros == 0 ? 0 : Long.bitCount(zeros);
  }
}
