package io.tidemark.suite.simulation;

import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.WorkModel;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Models {@code SourceSnapshot}: one refresh's snapshot of the source on one executor. */
final class SimulatedSnapshot {
  private final Cluster cluster;
  private final Node node;
  private final String executor;
  private final SourceModel source;
  private final WorkModel work;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private SourceModel.@Nullable Connection keeper;
  private boolean opening;
  private int number;

  SimulatedSnapshot(Cluster cluster, Node node, RefreshModel refresh, WorkModel work) {
    this.cluster = cluster;
    this.node = node;
    this.executor = node.id();
    this.source = cluster.source(refresh.table.name);
    this.work = work;
  }

  /** A connection in a snapshot. */
  record Reader(SourceModel.Connection connection, int number) {}

  int number() {
    return number;
  }

  void keep(SourceModel.Connection connection) {
    keeper = connection;
    number = 1;
  }

  /** One at a time; exactly one of both is called. */
  void open(String lane, Consumer<Reader> done, Runnable broken) {
    waiting.add(
        () ->
            withKeeper(
                () ->
                    join(
                        lane,
                        reader -> {
                          rest();
                          done.accept(reader);
                        },
                        () -> {
                          rest();
                          broken.run();
                        }),
                () -> {
                  rest();
                  broken.run();
                }));
    next();
  }

  void close() {
    if (keeper != null) {
      drop(keeper);
      keeper = null;
    }
  }

  /** The client is done with it; the server may hear of that later. */
  void drop(SourceModel.Connection connection) {
    if (node.cutFromSource) {
      cluster.time.after(cluster.time.between(1, 5_000), () -> source.close(connection));
    } else {
      source.close(connection);
    }
  }

  private void next() {
    if (!opening && !waiting.isEmpty()) {
      opening = true;
      waiting.removeFirst().run();
    }
  }

  private void rest() {
    opening = false;
    node.after(0, this::next);
  }

  private void withKeeper(Runnable then, Runnable broken) {
    if (keeper != null && keeper.isAlive() && cluster.sources.reaches(node)) {
      then.run();
      return;
    }
    close();
    join(
        "keeper",
        reader -> {
          keeper = reader.connection();
          then.run();
        },
        broken);
  }

  private void join(String name, Consumer<Reader> done, Runnable broken) {
    cluster.home.call(
        node,
        work::exports,
        exports ->
            cluster.sources.call(
                node,
                () -> connect(exports),
                found -> join(name, exports, found, done, broken),
                broken),
        broken);
  }

  /** A connection in a new snapshot, as long as whoever asked for it lives. */
  SourceModel.Connection fresh() {
    return living(source.fresh(node));
  }

  private Optional<SourceModel.Connection> importing(long exportedId) {
    return source.importing(node, exportedId).map(this::living);
  }

  private SourceModel.Connection living(SourceModel.Connection connection) {
    if (!node.isUp() || !node.id().equals(executor)) {
      source.close(connection);
    }
    return connection;
  }

  private record Found(SourceModel.Connection connection, boolean imported) {}

  private Found connect(WorkModel.Exports exports) {
    for (var id : exports.ids()) {
      Optional<SourceModel.Connection> imported = importing(id);
      if (imported.isPresent()) {
        return new Found(imported.get(), true);
      }
    }
    return new Found(fresh(), false);
  }

  private void join(
      String name, WorkModel.Exports exports, Found found, Consumer<Reader> done, Runnable broken) {
    var connection = found.connection();
    var holder = executor + "/" + name;
    Runnable failed =
        () -> {
          drop(connection);
          broken.run();
        };
    if (found.imported()) {
      number = exports.number();
      cluster.home.call(
          node,
          () -> {
            work.exported(exports.number(), holder, connection.exportedId);
            return true;
          },
          written -> done.accept(new Reader(connection, exports.number())),
          failed);
      return;
    }
    cluster.home.call(
        node,
        () -> work.moveOn(exports.number(), holder, connection.exportedId, connection.content),
        moved -> {
          if (moved) {
            number = exports.number() + 1;
            done.accept(new Reader(connection, number));
            return;
          }
          drop(connection);
          cluster.home.call(
              node,
              work::exports,
              now -> {
                if (now.number() == exports.number()) {
                  broken.run(); // not active any more
                } else {
                  join(name, done, broken);
                }
              },
              broken);
        },
        failed);
  }
}
