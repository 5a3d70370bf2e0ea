package io.tidemark.toxiproxy.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.toxiproxy.Futures;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The harness as its users see it. HARNESS.md shows parts of this. */
class HarnessExampleTest {
  @RegisterExtension final ClusterExtension cluster = ClusterExtension.local();
  private EchoStore store;

  @BeforeEach
  void open() {
    store = new EchoStore();
    cluster.start(NodeSpec.of("asker-1", PingNode::command).reaching("store", store.address()));
    cluster.start(NodeSpec.of("asker-2", PingNode::command).reaching("store", store.address()));
    saysNext("asker-1", "quick");
    saysNext("asker-2", "quick");
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void oneNodesLinkIsCutAndHealedAndTheOtherNodeDoesNotNotice() {
    cluster.node("asker-2").cutFrom("store");
    saysNext("asker-2", "cut");
    cluster.node("asker-2").heal("store");
    saysNext("asker-2", "quick");
    assertThat(cluster.node("asker-1").out()).doesNotContain("cut");
    assertThat(cluster.node("asker-2").bytesFrom("store").orElse(1)).isPositive();
  }

  @Test
  void aLinkIsSlowOrLosesEverything() {
    var node = cluster.node("asker-1");
    node.slow("store", Duration.ofMillis(60));
    saysNext("asker-1", "slow");
    node.drop("store");
    saysNext("asker-1", "silent");
    node.heal();
    saysNext("asker-1", "quick");
  }

  @Test
  void aNodeStandsStillAndGoesOn() {
    var node = cluster.node("asker-1").pause();
    var before = node.out().length();
    var other = cluster.node("asker-2").out().lines().count();
    Futures.until(
        "the other goes on", () -> cluster.node("asker-2").out().lines().count() > other + 5);
    assertThat(node.out()).hasSize(before);
    node.resume();
    Futures.until("it goes on", () -> node.out().length() > before);
  }

  @Test
  void aKilledNodeStartsAgainAtTheSameAddresses() {
    var node = cluster.node("asker-1").kill();
    assertThat(node.isAlive()).isFalse();
    var addresses = node.addresses();
    assertThat(node.restart().isAlive()).isTrue();
    assertThat(node.addresses()).isEqualTo(addresses);
    saysNext("asker-1", "quick");
    assertThat(cluster.cluster().tails(3)).contains("asker-1 (alive)", "asker-2 (alive)", "quick");
  }

  private void saysNext(String node, String word) {
    var from = cluster.node(node).out().length();
    Futures.until(
        node + " says " + word, () -> cluster.node(node).out().substring(from).contains(word));
  }
}
