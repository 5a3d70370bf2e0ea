package io.tidemark.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client and a server with a proxy between them, both ends in the hands of the test. */
record Wire(Socket client, Socket server) implements AutoCloseable {
  private static final int SILENCE_MILLIS = 150;

  /** Connects a client, and waits for it to arrive at the server. */
  static Wire open(Proxy proxy, ServerSocket upstream) throws IOException {
    var client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    upstream.setSoTimeout((int) Futures.PATIENCE.toMillis());
    var server = upstream.accept();
    for (var socket : new Socket[] {client, server}) {
      socket.setSoTimeout((int) Futures.PATIENCE.toMillis());
      socket.setTcpNoDelay(true);
    }
    return new Wire(client, server);
  }

  /** Sends a text one way and sees it arrive. */
  static void say(Socket from, Socket to, String text) throws IOException {
    from.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    assertThat(hear(to, text.length())).isEqualTo(text);
  }

  /** So many characters. */
  static String hear(Socket socket, int length) throws IOException {
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
  }

  static void send(Socket socket, int bytes) throws IOException {
    socket.getOutputStream().write(new byte[bytes]);
  }

  /** Its peer has ended in good order, without more bytes. */
  static void assertEnded(Socket socket) throws IOException {
    assertThat(socket.getInputStream().read()).isNegative();
  }

  /** Its peer has reset the connection. */
  static void assertReset(Socket socket) {
    assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
        .isInstanceOf(SocketException.class)
        .isNotInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("reset");
  }

  /** Neither bytes nor an end come. */
  static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SILENCE_MILLIS);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout((int) Futures.PATIENCE.toMillis());
  }

  /** It is over, one way or the other. */
  static boolean isOver(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
      return true;
    } catch (SocketTimeoutException silent) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
