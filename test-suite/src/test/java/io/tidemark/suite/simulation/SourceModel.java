package io.tidemark.suite.simulation;

import io.tidemark.suite.simulation.home.Keys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One table at the source: its rows change, and connections read it in snapshots. An exported
 * snapshot can be imported while the connection that exported it lives.
 */
final class SourceModel {
  private final Map<Long, Connection> living = new HashMap<>();
  private long ids;

  /** Never changed in place: snapshots share it. */
  int[] content = new int[Keys.COUNT];

  /** The version before that one. */
  private int[] before = content;

  /** A connection in a snapshot. */
  static final class Connection {
    final long exportedId;
    final int[] content;
    private final Node node;
    private boolean alive = true;

    private Connection(long exportedId, int[] content, Node node) {
      this.exportedId = exportedId;
      this.content = content;
      this.node = node;
    }

    boolean isAlive() {
      return alive;
    }
  }

  Connection fresh(Node node) {
    return open(node, content);
  }

  /** Empty where nobody holds that snapshot any more. */
  Optional<Connection> importing(Node node, long exportedId) {
    return Optional.ofNullable(living.get(exportedId)).map(from -> open(node, from.content));
  }

  private Connection open(Node node, int[] snapshot) {
    var connection = new Connection(++ids, snapshot, node);
    living.put(connection.exportedId, connection);
    return connection;
  }

  void close(Connection connection) {
    connection.alive = false;
    living.remove(connection.exportedId);
  }

  List<Connection> of(Node node) {
    return living.values().stream().filter(each -> each.node == node).toList();
  }

  /** The source restarts. */
  void closeAll() {
    new ArrayList<>(living.values()).forEach(this::close);
  }

  /** Some rows come, go and change. */
  void change(Timeline time, int howMany) {
    var next = content.clone();
    for (var i = 0; i < howMany; i++) {
      next[time.between(0, Keys.COUNT - 1)] = time.chance(0.3) ? 0 : time.between(1, 1_000_000);
    }
    before = content;
    content = next;
  }

  /** It is rolled back: the very version before is there again. */
  void goBack() {
    var undone = content;
    content = before;
    before = undone;
  }

  /** All rows go. */
  void empty() {
    before = content;
    content = new int[Keys.COUNT];
  }
}
