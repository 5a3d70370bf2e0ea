package io.tidemark.launcher.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.KubernetesConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import io.tidemark.common.config.ClusterConfig;
import io.tidemark.common.config.ClusterConfig.Discovery;
import java.time.Duration;

/**
 * What Hazelcast is told. It carries membership and who listens to which bus address, nothing else:
 * no lock, no counter, no truth. So it is tuned to notice early rather than to be right.
 */
final class HazelcastSettings {
  /** Vert.x reads a node's id from here; so a node is called the same everywhere. */
  static final String NODE_ID = "__vertx.nodeId";

  static final String PROTOCOL = "tidemark.protocol";

  private static final int CONNECT_TIMEOUT_SECONDS = 2;

  /** Whoever is found within this time is joined; a node that finds nobody begins alone. */
  private static final int FIRST_LOOK_SECONDS = 1;

  /** Of a question to the Kubernetes API: after 1.5, 2.25 and 3.4 s, 7 s in all. */
  private static final int API_RETRIES = 3;

  /** Five at once, then after 1, 2, 4, … 256 ms, then every 500 ms. */
  private static final int QUICK_CLAIM_TRIES = 14;

  private HazelcastSettings() {}

  /**
   * @param nodeId unique for each start of a process
   * @param protocol version that this node speaks
   */
  static Config of(ClusterConfig cluster, OwnAddress own, String nodeId, int protocol) {
    var config = new Config().setClusterName(cluster.name());
    config
        .getMemberAttributeConfig()
        .setAttribute(NODE_ID, nodeId)
        .setAttribute(PROTOCOL, Integer.toString(protocol));
    config.addMultiMapConfig(
        new MultiMapConfig("__vertx.subs")
            .setBackupCount(1)
            .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
    config.addMapConfig(new MapConfig("__vertx.nodeInfo").setBackupCount(1));
    timing(config, cluster.detection());
    config.setProperty(
        "hazelcast.wait.seconds.before.join", "" + firstLookSeconds(cluster.discovery()));
    footprint(config);
    network(config, cluster, own);
    return config;
  }

  /** Of those that are listed it asks each in any case, of those to discover only this long. */
  private static int firstLookSeconds(Discovery discovery) {
    return switch (discovery) {
      case Discovery.Members listed -> 0;
      case Discovery.Dns dns -> FIRST_LOOK_SECONDS;
      case Discovery.Kubernetes kubernetes -> FIRST_LOOK_SECONDS;
    };
  }

  private static void timing(Config config, ClusterConfig.Detection detection) {
    var lostAfter = seconds(detection.lostAfter());
    var merge = seconds(detection.merge());
    config
        .setProperty("hazelcast.heartbeat.interval.seconds", seconds(detection.heartbeat()))
        .setProperty("hazelcast.max.no.heartbeat.seconds", lostAfter)
        .setProperty("hazelcast.merge.first.run.delay.seconds", merge)
        .setProperty("hazelcast.merge.next.run.delay.seconds", merge)
        .setProperty("hazelcast.mastership.claim.timeout.seconds", claimSeconds(detection))
        .setProperty("hazelcast.member.list.publish.interval.seconds", merge)
        // Members that come within this time are let in together: each at once is quicker here.
        .setProperty("hazelcast.max.wait.seconds.before.join", "0")
        // Whoever asks a member that is gone must not wait for longer than until that is noticed.
        .setProperty("hazelcast.operation.call.timeout.millis", millis(detection.lostAfter()))
        .setProperty("hazelcast.socket.connect.timeout.seconds", "" + CONNECT_TIMEOUT_SECONDS)
        .setProperty("hazelcast.graceful.shutdown.max.wait", "2");
  }

  /**
   * How long the next in line asks the others to follow it once the oldest member is gone; those
   * that do not follow in time are no members any more. Hazelcast takes the number of seconds for
   * the number of tries too. The first {@value #QUICK_CLAIM_TRIES} are over in half a second, each
   * other one takes that long: they have to last until all have missed the oldest.
   */
  private static String claimSeconds(ClusterConfig.Detection detection) {
    var allMissIt = detection.lostAfter().plus(detection.heartbeat());
    var tries = QUICK_CLAIM_TRIES + 2 * Math.max(1, allMissIt.toSeconds());
    return Long.toString(tries);
  }

  private static void footprint(Config config) {
    config
        .setProperty("hazelcast.logging.type", "slf4j")
        .setProperty("hazelcast.phone.home.enabled", "false")
        .setProperty("hazelcast.shutdownhook.enabled", "false")
        .setProperty("hazelcast.health.monitoring.level", "OFF")
        .setProperty("hazelcast.operation.thread.count", "2")
        .setProperty("hazelcast.operation.generic.thread.count", "2")
        .setProperty("hazelcast.event.thread.count", "1")
        .setProperty("hazelcast.io.thread.count", "1");
    config.getMetricsConfig().setEnabled(false);
  }

  private static void network(Config config, ClusterConfig cluster, OwnAddress own) {
    var network = config.getNetworkConfig().setPort(own.port()).setPortAutoIncrement(true);
    own.host()
        .ifPresent(
            host ->
                config
                    .setProperty("hazelcast.local.localAddress", host)
                    .setProperty("hazelcast.socket.server.bind.any", "false"));
    announce(network, cluster, own);
    var join = network.getJoin();
    join.getMulticastConfig().setEnabled(false);
    join.getAutoDetectionConfig().setEnabled(false);
    discover(join, cluster, own);
  }

  private static void announce(NetworkConfig network, ClusterConfig cluster, OwnAddress own) {
    var announced = cluster.announced();
    announced
        .host()
        .or(() -> announced.port().flatMap(port -> own.host()))
        .ifPresent(
            host -> network.setPublicAddress(host + ":" + announced.port().orElse(own.port())));
  }

  private static void discover(JoinConfig join, ClusterConfig cluster, OwnAddress own) {
    join.getTcpIpConfig().setConnectionTimeoutSeconds(CONNECT_TIMEOUT_SECONDS);
    switch (cluster.discovery()) {
      case Discovery.Members listed ->
          join.getTcpIpConfig().setEnabled(true).setMembers(listed.members());
      case Discovery.Dns dns -> addresses(join, own).setProperty("service-dns", dns.name());
      case Discovery.Kubernetes kubernetes -> {
        var api =
            addresses(join, own)
                .setProperty("service-name", kubernetes.service())
                // Nodes meet by the pods' own addresses: no more is asked than those.
                .setProperty("expose-externally", "false")
                .setProperty("kubernetes-api-retries", "" + API_RETRIES);
        kubernetes.namespace().ifPresent(namespace -> api.setProperty("namespace", namespace));
      }
    }
  }

  /** Only addresses are found: all nodes have one port, whatever ports a service names. */
  private static KubernetesConfig addresses(JoinConfig join, OwnAddress own) {
    return join.getKubernetesConfig()
        .setEnabled(true)
        .setProperty("service-port", Integer.toString(own.port()));
  }

  private static String seconds(Duration duration) {
    return Long.toString(Math.max(1, duration.toSeconds()));
  }

  private static String millis(Duration duration) {
    return Long.toString(duration.toMillis());
  }
}
