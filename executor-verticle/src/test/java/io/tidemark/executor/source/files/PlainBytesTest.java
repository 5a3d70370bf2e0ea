package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlainBytesTest {
  private static final Set<Integer> MEAN_SOMETHING = Set.of((int) ';', (int) '"', (int) '\\');

  private final PlainBytes plain = new PlainBytes((byte) ';', (byte) '"');

  @Test
  void everyByteThatMeansSomethingEndsARunWhereverItStands() {
    for (var value = 0; value < 256; value++) {
      for (var at = 0; at < 40; at++) {
        var bytes = new byte[40];
        Arrays.fill(bytes, (byte) 'x');
        bytes[at] = (byte) value;
        var means = value < ' ' || MEAN_SOMETHING.contains(value);
        assertThat(plain.end(ByteBuffer.wrap(bytes), 0, 40))
            .as("byte %d at %d", value, at)
            .isEqualTo(means ? at / 8 * 8 : 40);
      }
    }
  }

  @Test
  void aRunEndsBeforeTheLimit() {
    var bytes = "xxxxxxxxxxxxxxxxxxxx".getBytes(StandardCharsets.US_ASCII);
    assertThat(plain.end(ByteBuffer.wrap(bytes), 1, 8)).isEqualTo(1);
    assertThat(plain.end(ByteBuffer.wrap(bytes), 1, 9)).isEqualTo(9);
    assertThat(plain.end(ByteBuffer.wrap(bytes), 1, 20)).isEqualTo(17);
    assertThat(plain.end(ByteBuffer.wrap(bytes), 20, 20)).isEqualTo(20);
  }
}
