package io.tidemark.toxiproxy.harness;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A program to do things to: asks a server again and again, and says whether it answered. */
final class PingNode {
  private static final int PATIENCE_MILLIS = 300;

  private PingNode() {}

  static List<String> command(Addresses at) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx32m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        PingNode.class.getName(),
        at.gateway(),
        Integer.toString(at.links().get("store")));
  }

  public static void main(String[] arguments) {
    for (var round = 1; ; round++) {
      System.out.println(ask(arguments[0], Integer.parseInt(arguments[1])) + " " + round);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static String ask(String host, int port) {
    var began = System.nanoTime();
    try (var socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
      socket.getOutputStream().write('?');
      if (socket.getInputStream().read() != '?') {
        return "cut";
      }
      return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) < 100 ? "quick" : "slow";
    } catch (IOException e) {
      return e.getMessage() != null && e.getMessage().contains("timed out") ? "silent" : "cut";
    }
  }
}
