package io.tidemark.common.bus;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Registers a codec for each message. Vert.x looks codecs up by exact class. */
public final class Codecs {
  private static final List<Class<?>> MESSAGES =
      List.of(
          Barrier.class,
          BarrierAck.class,
          RefreshNews.class,
          NodeLeft.class,
          Command.Request.class,
          Command.Approve.class,
          Command.Reject.class,
          Command.Cancel.class,
          Command.Pause.class,
          Command.Resume.class,
          CommandReply.Done.class,
          CommandReply.Refused.class,
          ValidateTables.class,
          ValidationReply.class,
          ProgressNews.class,
          ListExecutors.class,
          ExecutorList.class);

  private Codecs() {}

  /** Call once for each {@code Vertx}. */
  public static void register(Vertx vertx) {
    MESSAGES.forEach(type -> register(vertx, type));
  }

  private static <T> void register(Vertx vertx, Class<T> type) {
    vertx.eventBus().registerDefaultCodec(type, new JsonCodec<>(type));
  }

  /** JSON on the wire; within one JVM the record itself, which is immutable. */
  private record JsonCodec<T>(Class<T> type) implements MessageCodec<T, T> {
    @Override
    public void encodeToWire(Buffer buffer, T message) {
      try {
        var bytes = Json.MAPPER.writeValueAsBytes(message);
        buffer.appendInt(bytes.length).appendBytes(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public T decodeFromWire(int position, Buffer buffer) {
      var length = buffer.getInt(position);
      try {
        return Json.MAPPER.readValue(
            buffer.getBytes(position + Integer.BYTES, position + Integer.BYTES + length), type);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public T transform(T message) {
      return message;
    }

    @Override
    public String name() {
      // So that no node acts on what another version says, even where both got into one cluster.
      return type.getName() + "/" + Protocol.VERSION;
    }

    @Override
    public byte systemCodecID() {
      return -1;
    }
  }
}
