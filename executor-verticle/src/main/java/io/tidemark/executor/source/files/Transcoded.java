package io.tidemark.executor.source.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text in another encoding as UTF-8. What comes before bytes that are no characters is given out
 * first; only then a read fails, with a {@link CharacterCodingException}.
 */
final class Transcoded extends InputStream {
  private static final int SIZE = 64 << 10;
  private static final int MOST_UTF8_BYTES = 3;

  private final InputStream input;
  private final CharsetDecoder decoder;
  private final ByteBuffer bytes = ByteBuffer.allocate(SIZE).flip();
  private final CharBuffer chars = CharBuffer.allocate(SIZE);
  private final ByteBuffer utf8 = ByteBuffer.allocate(SIZE * MOST_UTF8_BYTES).flip();
  private final CharsetEncoder encoder =
      StandardCharsets.UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPORT);
  private boolean inputEnded;
  private boolean ended;
  private CoderResult fault = CoderResult.UNDERFLOW;

  Transcoded(InputStream input, Charset charset) {
    this.input = input;
    this.decoder =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  @Override
  public int read() throws IOException {
    return fill() ? utf8.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int at, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    var got = Math.min(count, utf8.remaining());
    utf8.get(into, at, got);
    return got;
  }

  @Override
  public void close() throws IOException {
    input.close();
  }

  /** Makes sure that there is something to give out; false at the end. */
  private boolean fill() throws IOException {
    while (!utf8.hasRemaining()) {
      if (fault.isError()) {
        fault.throwException();
      }
      if (ended) {
        return false;
      }
      bytes.compact();
      var read = input.read(bytes.array(), bytes.position(), bytes.remaining());
      inputEnded = read < 0;
      bytes.position(bytes.position() + Math.max(0, read)).flip();
      fault = decoder.decode(bytes, chars, inputEnded);
      ended = inputEnded && !fault.isOverflow();
      utf8.clear();
      var encoded = encoder.encode(chars.flip(), utf8, ended);
      if (encoded.isError()) {
        fault = encoded;
      }
      chars.compact();
      utf8.flip();
    }
    return true;
  }
}
