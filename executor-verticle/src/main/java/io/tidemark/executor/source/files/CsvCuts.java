package io.tidemark.executor.source.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a large text file can be cut, so that several lanes read it: after a line's end that is not
 * inside quotes. Whether it is follows from the number of quotes before it, odd or even, where an
 * escaped quote is a doubled one. So the whole file is looked at, eight bytes at a time, before any
 * row is read: a guess by what stands nearby would be wrong for some file.
 */
final class CsvCuts {
  private static final int BUFFER = 1 << 20;
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

  /** Cuts about every so many bytes; neither the file's start nor its end is one. */
  static List<Cut> find(Path file, byte quote, long every) throws IOException {
    var cuts = new ArrayList<Cut>();
    var bytes = new byte[BUFFER];
    var buffer = ByteBuffer.wrap(bytes);
    var words = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    var quoteInEach = ONES * (quote & 0xff);
    var offset = 0L;
    var quotes = 0L;
    var lines = 0L;
    var due = every;
    try (var channel = FileChannel.open(file)) {
      var size = channel.size();
      for (int read; (read = channel.read(buffer.clear())) > 0; offset += read) {
        var i = 0;
        while (i < read) {
          var stop = (int) Math.min(read, Math.max(i, due - offset));
          for (; i + Long.BYTES <= stop; i += Long.BYTES) {
            var word = words.getLong(i);
            quotes += matches(word ^ quoteInEach);
            lines += matches(word ^ LINE_END_IN_EACH);
          }
          for (; i < stop; i++) {
            quotes += bytes[i] == quote ? 1 : 0;
            lines += bytes[i] == '\n' ? 1 : 0;
          }
          while (i < read && offset + i >= due) {
            quotes += bytes[i] == quote ? 1 : 0;
            if (bytes[i++] == '\n') {
              lines++;
              if (quotes % 2 == 0 && offset + i < size) {
                cuts.add(new Cut(offset + i, lines + 1));
                due = offset + i + every;
              }
            }
          }
        }
      }
    }
    return cuts;
  }

  /** How many of eight bytes are zero. Most often none: without C2 counting bits takes a while. */
  private static int matches(long differs) {
    var zeros = ~(((differs & LOW) + LOW) | differs | LOW);
    return zeros == 0 ? 0 : Long.bitCount(zeros);
  }
}
