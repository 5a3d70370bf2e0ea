package io.tidemark.suite;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.tools.Server;

/** A table of an H2 database in memory, read in splits over TCP. */
final class H2Source implements ChangingSource {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Server server;
  private final String url;
  private final Connection connection;

  H2Source() throws SQLException {
    server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    url =
        "jdbc:h2:tcp://localhost:%d/mem:source%d;DB_CLOSE_DELAY=-1"
            .formatted(server.getPort(), NUMBER.incrementAndGet());
    connection = DriverManager.getConnection(url);
    Databases.execute(connection, "CREATE TABLE t (id int PRIMARY KEY, v varchar)");
  }

  @Override
  public String definition() {
    return "{type: jdbc, url: \"%s\", table: t, splits: 4}".formatted(url);
  }

  @Override
  public void replace(SortedMap<Integer, String> rows) throws SQLException {
    TableSource.replace(connection, "t", rows);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    server.stop();
  }
}
