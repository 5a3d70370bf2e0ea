package io.tidemark.suite;

import io.tidemark.common.refresh.RefreshView;
import io.tidemark.common.refresh.Visibility;
import io.tidemark.toxiproxy.harness.Cluster;
import io.tidemark.toxiproxy.harness.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Nodes {@code a} (leads), {@code b} (stands by, and works), {@code c} (works) and {@code d} (only
 * a frontend), with one table.
 */
final class FailureCluster implements AutoCloseable {
  final Cluster cluster;
  private final ProxiedNodes nodes;

  FailureCluster(
      Databases databases,
      Path folder,
      Visibility visibility,
      int rowsPerSecond,
      boolean isolated) {
    this.nodes = new ProxiedNodes(databases, folder, settings(visibility, rowsPerSecond), isolated);
    this.cluster = nodes.cluster;
  }

  /** All nodes that are needed, ready. */
  void start(boolean withFrontend) throws Exception {
    ProxiedNodes.awaitReady(nodes.begin("a", "frontend,meta"));
    var b = nodes.begin("b", "frontend,meta,executor");
    // A frontend too: a zombie's refused writes are counted where they were refused.
    nodes.begin("c", "frontend,executor");
    if (withFrontend) {
      ProxiedNodes.awaitReady(nodes.begin("d", "frontend"));
    }
    ProxiedNodes.awaitReady(b);
    Until.holds("two executors are known", () -> nodes.liveExecutors() == 2);
  }

  Node node(String name) {
    return cluster.node(name);
  }

  /** Asks for a refresh; its id. */
  long refresh() throws Exception {
    return nodes.refresh("t");
  }

  void approve(long id) throws Exception {
    nodes.approve(id);
  }

  RefreshView view(long id) throws Exception {
    return nodes.view(id);
  }

  /** That this node has counted; 0 where it does not answer. */
  double fencedWrites(Node node) {
    return nodes.fencedWrites(node);
  }

  /** Whether this node's frontend answers with the refresh. */
  boolean answers(String node, long id) {
    try {
      return nodes.send(node(node), "GET", "/api/v1/refreshes/" + id).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static ProxiedNodes.Settings settings(Visibility visibility, int rowsPerSecond) {
    return new ProxiedNodes.Settings(
        "failure-detection: {lost-after: 3s, merge: 2s}",
        """
        meta: {barrier-interval: 200ms, lease: 2s}
        executor: {lanes: 2, retry-for: 30s, chunk-rows: 50}
        tables:
          - name: t
            source: {type: postgres, url: "${env:SOURCE}", table: public.t}
            target: public.t
            vnodes: %d
            visibility: %s
            throttle: {rows-per-second: %d}
        """
            .formatted(
                FailureRun.VNODES, visibility.name().toLowerCase(Locale.ROOT), rowsPerSecond),
        ProxiedNodes.Settings.SMALL);
  }

  @Override
  public void close() {
    nodes.close();
  }
}
