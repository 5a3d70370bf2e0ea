package io.tidemark.executor.lane;

import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Connections that ask servers what others of ours are doing; one a server, for one look. */
final class Probes implements AutoCloseable {
  private static final int SILENCE_MILLIS = 10_000;

  /** A row of ours is never hidden: the user is the same. */
  private static final String STATE =
      """
      SELECT state = 'active', coalesce(wait_event_type = 'Client', false)
        FROM pg_catalog.pg_stat_activity
       WHERE pid = ?
      """;

  private final Map<PostgresAddress, Optional<Connection>> open = new HashMap<>();

  /**
   * Whether a server is reachable and at work for this connection.
   *
   * @param reading whether its client does nothing but wait for rows: then a server that waits for
   *     the client waits for ever
   */
  boolean works(Peer peer, boolean reading) {
    var probe = open.computeIfAbsent(peer.address(), Probes::connect);
    return probe.isPresent() && works(probe.get(), peer, reading);
  }

  private static boolean works(Connection probe, Peer peer, boolean reading) {
    try (var query = probe.prepareStatement(STATE)) {
      query.setInt(1, peer.process());
      try (var row = query.executeQuery()) {
        return row.next() && row.getBoolean(1) && !(reading && row.getBoolean(2));
      }
    } catch (SQLException e) {
      return false;
    }
  }

  private static Optional<Connection> connect(PostgresAddress address) {
    @Nullable Connection connection = null;
    try {
      connection = address.connect("tidemark probe");
      connection.setNetworkTimeout(Runnable::run, SILENCE_MILLIS);
      return Optional.of(connection);
    } catch (SQLException e) {
      close(connection);
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    open.values().forEach(probe -> probe.ifPresent(Probes::close));
  }

  private static void close(@Nullable Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // It has served.
      }
    }
  }
}
