package io.tidemark.suite.scenario;

import io.tidemark.suite.Databases;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;
import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;

/** A table of an H2 database in memory, read over TCP in splits where its key is unique. */
final class H2Source implements ScenarioSource {
  private static final int BATCH_ROWS = 5_000;

  private final String name;
  private final Connection connection;
  private final int port;
  private Server server;
  private @Nullable Shape shape;

  H2Source(String name) throws SQLException {
    this.name = name;
    connection = DriverManager.getConnection("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1");
    server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    port = server.getPort();
  }

  @Override
  public String definition(boolean oneMoment) {
    var present = shape;
    return "source: {type: jdbc, url: \"jdbc:h2:tcp://localhost:%d/mem:%s\", table: t%s}"
        .formatted(
            port, name, oneMoment || present == null || !present.isUnique() ? "" : ", splits: 4");
  }

  @Override
  public void replace(Version version) throws SQLException {
    connection.setAutoCommit(false);
    if (version.shape().equals(shape)) {
      Databases.execute(connection, "DELETE FROM t");
    } else {
      Databases.execute(
          connection,
          "DROP TABLE IF EXISTS t",
          "CREATE TABLE t " + version.shape().sql(ValueType::h2));
    }
    insert(version);
    connection.commit();
    connection.setAutoCommit(true);
    shape = version.shape();
  }

  private void insert(Version version) throws SQLException {
    var columns = version.shape().columns();
    try (var insert =
        connection.prepareStatement(
            "INSERT INTO t VALUES ("
                + String.join(", ", Collections.nCopies(columns.size(), "?"))
                + ")")) {
      var waiting = 0;
      for (var row : version.rows()) {
        for (var column = 0; column < columns.size(); column++) {
          var text = row.get(column);
          insert.setObject(
              column + 1, text == null ? null : columns.get(column).type().value(text));
        }
        insert.addBatch();
        waiting++;
        if (waiting == BATCH_ROWS) {
          insert.executeBatch();
          waiting = 0;
        }
      }
      insert.executeBatch();
    }
  }

  @Override
  public void drop() throws SQLException {
    Databases.execute(connection, "DROP TABLE t");
    shape = null;
  }

  @Override
  public void fail() {
    server.stop();
  }

  @Override
  public void mend() throws SQLException {
    server = Server.createTcpServer("-tcpPort", Integer.toString(port), "-ifNotExists").start();
  }

  @Override
  public void close() throws SQLException {
    Databases.execute(connection, "SHUTDOWN");
    server.stop();
  }
}
