package io.tidemark.executor.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RowsTest {
  private static final int COLUMNS = 2;
  private static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  private static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

  @Test
  void rowsComeInOrderHoweverTheyLieInBlocks() throws Exception {
    // Given: header alone, with a row, several rows in a block, trailer with a row
    var alone = rows(HEADER, row("a"), join(row("b"), row("c")), join(row("d"), TRAILER));
    var together = rows(join(HEADER, row("a"), row("b"), row("c"), row("d"), TRAILER));
    // When / Then
    assertThat(values(alone)).containsExactly("a", "b", "c", "d");
    assertThat(values(together)).containsExactly("a", "b", "c", "d");
  }

  @Test
  void aTableWithoutRowsEndsCleanly() throws Exception {
    assertThat(rows(HEADER, TRAILER).load()).isFalse();
    assertThat(Rows.none().load()).isFalse();
  }

  @Test
  void aStreamThatStopsBeforeItsTrailerIsNoEnd() throws Exception {
    // Given
    var rows = rows(HEADER, row("a"));
    // When
    rows.load();
    rows.pass();
    // Then
    assertThatThrownBy(rows::load).isInstanceOf(SQLException.class).hasMessageContaining("trailer");
  }

  @Test
  void whatIsNoRowIsRefused() throws Exception {
    var row = row("a");
    assertRefused(rows(HEADER, Arrays.copyOf(row, row.length - 1), TRAILER));
    assertRefused(rows(HEADER, Arrays.copyOf(row, 1), TRAILER));
    assertRefused(rows(HEADER, Arrays.copyOfRange(row, 1, row.length), TRAILER));
    assertRefused(rows(row, TRAILER));
    assertRefused(rows(HEADER, TRAILER, row("behind it")));
    assertRefused(rows(HEADER, join(TRAILER, row("behind it"))));
  }

  @Test
  void equalRowsAreCountedUpToTheFirstThatDiffers() throws Exception {
    // Given: blocks are cut in different places
    var source = rows(HEADER, join(row("a"), row("b"), row("c")), row("d"), TRAILER);
    var target = rows(join(HEADER, row("a"), row("b"), row("x")), join(row("d"), TRAILER));
    source.load();
    target.load();
    // When
    var equal = source.equal(target, 10);
    // Then: both stand at the last of them
    assertThat(equal).isEqualTo(2);
    assertThat(value(source)).isEqualTo("b");
    assertThat(value(target)).isEqualTo("b");
    // And then: the next differ
    source.pass();
    target.pass();
    source.load();
    target.load();
    assertThat(source.equal(target, 10)).isZero();
    assertThat(value(source)).isEqualTo("c");
    assertThat(value(target)).isEqualTo("x");
  }

  @Test
  void noMoreEqualRowsAreCountedThanAskedFor() throws Exception {
    // Given
    var source = rows(join(HEADER, row("a"), row("b"), row("c"), TRAILER));
    var target = rows(join(HEADER, row("a"), row("b"), row("c"), TRAILER));
    source.load();
    target.load();
    // When / Then
    assertThat(source.equal(target, 2)).isEqualTo(2);
    assertThat(value(source)).isEqualTo("b");
  }

  @Test
  void aRowThatContinuesTheOtherIsNotEqual() throws Exception {
    // Given: all of one row's bytes are the beginning of the other's
    var source = rows(join(HEADER, row("a")), TRAILER);
    var target = rows(join(HEADER, row("ab")), TRAILER);
    source.load();
    target.load();
    // When / Then
    assertThat(source.equal(target, 10)).isZero();
  }

  private static void assertRefused(Rows rows) {
    assertThatThrownBy(() -> values(rows)).isInstanceOf(SQLException.class);
  }

  private static List<String> values(Rows rows) throws SQLException {
    var values = new ArrayList<String>();
    while (rows.load()) {
      values.add(value(rows));
      rows.pass();
    }
    return values;
  }

  private static String value(Rows rows) {
    var row = rows.row();
    var from = BinaryRow.FIRST_FIELD + Integer.BYTES + Integer.BYTES;
    return new String(row, from, row.length - from, StandardCharsets.UTF_8);
  }

  private static Rows rows(byte[]... blocks) {
    var queue = new ArrayDeque<>(List.of(blocks));
    return Rows.of(queue::poll, COLUMNS);
  }

  /** A null and a text. */
  private static byte[] row(String value) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeShort(COLUMNS);
    out.writeInt(-1);
    out.writeInt(value.length());
    out.writeBytes(value);
    return bytes.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    var bytes = new ByteArrayOutputStream();
    for (var part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }
}
