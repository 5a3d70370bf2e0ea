package io.tidemark.toxiproxy.engine;

import io.tidemark.toxiproxy.toxic.Chunk;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** Both ends of a link: remembers what came out, and whether more is let in. */
final class FakeEnds implements Receiver, ToxicLink.Inlet {
  final List<Integer> sizes = new ArrayList<>();
  final Buffer received = Buffer.buffer();
  boolean room = true;
  boolean flowing;
  int ends;

  @Override
  public void flow(boolean on) {
    flowing = on;
  }

  @Override
  public boolean hasRoom() {
    return room;
  }

  @Override
  public void accept(Chunk chunk) {
    sizes.add(chunk.size());
    received.appendBuffer(chunk.bytes());
  }

  @Override
  public void end() {
    ends++;
  }
}
