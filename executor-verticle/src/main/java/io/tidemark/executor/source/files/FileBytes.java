package io.tidemark.executor.source.files;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * A file's text as UTF-8: unpacked, in one encoding, without a byte order mark. Offsets count these
 * bytes; where they are the file's own, reading begins at once where it is asked to.
 */
final class FileBytes extends FilterInputStream {
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final int UNPACK_BUFFER = 64 << 10;

  private final Counted raw;
  private final long begins;

  private FileBytes(Counted raw, InputStream text, long begins) {
    super(text);
    this.raw = raw;
    this.begins = begins;
  }

  /**
   * @param from where to begin
   * @param to where to end; 0: at the end of the file
   * @throws io.tidemark.common.error.TidemarkException ROW_MALFORMED from a read, where bytes are
   *     not in the encoding; UTF-8 is left to who gets the rows
   */
  static FileBytes open(String path, Charset charset, long from, long to) throws IOException {
    var channel = FileChannel.open(Path.of(path));
    try {
      var plain = plain(path, charset);
      if (plain) {
        channel.position(from);
      }
      var raw = new Counted(Channels.newInputStream(channel), to == 0 ? Long.MAX_VALUE : to - from);
      var unpacked = packed(path) ? new GZIPInputStream(raw, UNPACK_BUFFER) : raw;
      var text =
          charset.equals(StandardCharsets.UTF_8) ? unpacked : new Transcoded(unpacked, charset);
      if (!plain) {
        text.skipNBytes(from);
      }
      if (from > 0) {
        return new FileBytes(raw, text, from);
      }
      var head = text.readNBytes(MARK.length);
      return Arrays.equals(head, MARK)
          ? new FileBytes(raw, text, MARK.length)
          : new FileBytes(raw, new SequenceInputStream(new ByteArrayInputStream(head), text), 0);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether the text's bytes are the file's own. */
  static boolean plain(String path, Charset charset) {
    return !packed(path) && charset.equals(StandardCharsets.UTF_8);
  }

  private static boolean packed(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(".gz");
  }

  /** Offset of the first byte. */
  long begins() {
    return begins;
  }

  /** Bytes of the file itself that were read so far. */
  long consumed() {
    return raw.read;
  }

  /** Ends a read, from another thread: only the file is closed, what unpacks it is in use. */
  void abort() throws IOException {
    raw.close();
  }

  /** Counts, and ends where it must. */
  private static final class Counted extends FilterInputStream {
    private final long most;
    private long read;

    Counted(InputStream input, long most) {
      super(input);
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int at, int count) throws IOException {
      if (read == most) {
        return -1;
      }
      var got = super.read(into, at, (int) Math.min(count, most - read));
      read += Math.max(0, got);
      return got;
    }
  }
}
