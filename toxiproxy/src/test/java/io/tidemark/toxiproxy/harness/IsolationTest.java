package io.tidemark.toxiproxy.harness;

import io.tidemark.toxiproxy.Futures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class IsolationTest {
  @RegisterExtension final ClusterExtension cluster = ClusterExtension.isolated();

  @Test
  void aNodeWhoseCableIsPulledHearsNothingUntilItIsPluggedAgain() {
    try (var store = new EchoStore()) {
      var node =
          cluster.start(NodeSpec.of("asker", PingNode::command).reaching("store", store.address()));
      says(node, "quick");
      node.isolate();
      says(node, "silent");
      node.heal();
      says(node, "quick");
    }
  }

  private static void says(Node node, String word) {
    var from = node.out().length();
    Futures.until("says " + word, () -> node.out().substring(from).contains(word));
  }
}
