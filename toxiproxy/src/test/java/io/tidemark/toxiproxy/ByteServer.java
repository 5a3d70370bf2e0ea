package io.tidemark.toxiproxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/** Answers a line that holds a number with that many bytes. */
final class ByteServer implements AutoCloseable {
  private static final int BLOCK = 64 * 1024;

  private final ServerSocket listening;
  private final AtomicLong bytesSent = new AtomicLong();

  ByteServer() throws IOException {
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Bytes that it could hand to its operating system. */
  long bytesSent() {
    return bytesSent.get();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void accept() {
    try {
      while (true) {
        var socket = listening.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The end of this server.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = socket.getInputStream();
      var out = socket.getOutputStream();
      var line = new StringBuilder();
      for (var next = in.read(); next >= 0; next = in.read()) {
        if (next == '\n') {
          var wanted = Long.parseLong(line.toString());
          line.setLength(0);
          while (wanted > 0) {
            var size = (int) Math.min(BLOCK, wanted);
            out.write(new byte[size]);
            bytesSent.addAndGet(size);
            wanted -= size;
          }
        } else {
          line.append((char) next);
        }
      }
    } catch (IOException gone) {
      // The client or the link ended it, which tests do on purpose.
    }
  }
}
