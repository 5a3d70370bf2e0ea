package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CoalescedInputTest {
  private static final int LARGE_BYTES = 300_000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatAServerSendsArrivesWholeHoweverItIsCut(long seed) throws IOException {
    // Given: rows small and large between other messages, in pieces of any size
    var random = new Random(seed);
    var sent = new ArrayList<Message>();
    sent.add(new Message('R', bytes(random, 4)));
    for (var i = 0; i < 2_000; i++) {
      var type = random.nextInt(50) == 0 ? 'D' : 'd';
      var large = random.nextInt(500) == 0;
      sent.add(new Message(type, bytes(random, random.nextInt(large ? LARGE_BYTES : 200))));
    }
    // When
    var arrived = messages(new CoalescedInput(new InPieces(wire(sent), random)));
    // Then
    assertThat(joined(arrived)).isEqualTo(joined(sent));
    assertThat(arrived.size()).isLessThan(sent.size());
  }

  @Test
  void rowsThatArrivedTogetherAreOneMessage() throws IOException {
    // Given
    var sent = new ArrayList<Message>();
    sent.add(new Message('R', new byte[4]));
    for (var i = 0; i < 100; i++) {
      sent.add(new Message('d', new byte[] {(byte) i}));
    }
    sent.add(new Message('c', new byte[0]));
    // When
    var arrived = messages(new CoalescedInput(new ByteArrayInputStream(wire(sent))));
    // Then
    assertThat(arrived).extracting(Message::type).containsExactly('R', 'd', 'c');
    assertThat(arrived.get(1).payload()).hasSize(100);
  }

  @Test
  void aServerThatRefusesEncryptionIsUnderstoodAllTheSame() throws IOException {
    // Given: one byte in answer to each question, then messages
    var wire = new ByteArrayOutputStream();
    wire.writeBytes(new byte[] {'N', 'N'});
    wire.writeBytes(
        wire(
            List.of(
                new Message('R', new byte[4]),
                new Message('d', new byte[1]),
                new Message('d', new byte[1]))));
    var input = new CoalescedInput(new ByteArrayInputStream(wire.toByteArray()));
    // When
    var greeting = input.readNBytes(2);
    var arrived = messages(input);
    // Then
    assertThat(greeting).containsExactly('N', 'N');
    assertThat(arrived).extracting(Message::type).containsExactly('R', 'd');
  }

  @Test
  void whatIsEncryptedPassesUntouched() throws IOException {
    // Given
    var random = new Random(1);
    var wire = new ByteArrayOutputStream();
    wire.write('S');
    for (var i = 0; i < 100; i++) {
      wire.writeBytes(wire(List.of(new Message('d', bytes(random, 10)))));
    }
    // When / Then
    assertThat(new CoalescedInput(new InPieces(wire.toByteArray(), random)).readAllBytes())
        .isEqualTo(wire.toByteArray());
  }

  @Test
  void aReadThatTimesOutLosesNothing() throws IOException {
    // Given: a timeout before each piece, also within a message's header
    var random = new Random(1);
    var sent = new ArrayList<Message>();
    sent.add(new Message('R', bytes(random, 4)));
    for (var i = 0; i < 200; i++) {
      sent.add(new Message('d', bytes(random, random.nextInt(50))));
    }
    var input = new CoalescedInput(new TimingOut(new InPieces(wire(sent), random)));
    // When
    var all = new ByteArrayOutputStream();
    var timeouts = 0;
    for (var ended = false; !ended; ) {
      try {
        var next = input.read();
        ended = next < 0;
        if (!ended) {
          all.write(next);
        }
      } catch (SocketTimeoutException e) {
        timeouts++;
      }
    }
    // Then
    assertThat(timeouts).isPositive();
    assertThat(joined(messages(new ByteArrayInputStream(all.toByteArray()))))
        .isEqualTo(joined(sent));
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Message(char type, byte[] payload) {}

  private static byte[] wire(List<Message> messages) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    for (var message : messages) {
      out.write(message.type());
      out.writeInt(message.payload().length + Integer.BYTES);
      out.write(message.payload());
    }
    return bytes.toByteArray();
  }

  private static List<Message> messages(InputStream input) throws IOException {
    var data = new DataInputStream(input);
    var messages = new ArrayList<Message>();
    for (int type; (type = data.read()) >= 0; ) {
      var payload = new byte[data.readInt() - Integer.BYTES];
      data.readFully(payload);
      messages.add(new Message((char) type, payload));
    }
    return messages;
  }

  /** Neighbouring rows as one, which is all that may change. */
  private static String joined(List<Message> messages) {
    var text = new StringBuilder();
    var before = ' ';
    for (var message : messages) {
      if (message.type() != 'd' || before != 'd') {
        text.append('\n').append(message.type());
      }
      for (var each : message.payload()) {
        text.append((char) (each & 0xff));
      }
      before = message.type();
    }
    return text.toString();
  }

  private static byte[] bytes(Random random, int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static final class InPieces extends FilterInputStream {
    private static final int MAX_PIECE_BYTES = 20_000;
    private final Random random;

    InPieces(byte[] bytes, Random random) {
      super(new ByteArrayInputStream(bytes));
      this.random = random;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var piece = random.nextInt(3) == 0 ? 7 : MAX_PIECE_BYTES;
      return super.read(bytes, offset, Math.min(length, 1 + random.nextInt(piece)));
    }
  }

  private static final class TimingOut extends FilterInputStream {
    private boolean due;

    TimingOut(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      due = !due;
      if (due) {
        throw new SocketTimeoutException();
      }
      return super.read(bytes, offset, Math.min(length, 3));
    }
  }
}
