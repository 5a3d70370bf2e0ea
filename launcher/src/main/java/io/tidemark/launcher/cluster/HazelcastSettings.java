package io.tidemark.launcher.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
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
    footprint(config);
    network(config, cluster, own);
    return config;
  }

  private static void timing(Config config, ClusterConfig.Detection detection) {
    var lostAfter = seconds(detection.lostAfter());
    var merge = seconds(detection.merge());
    config
        .setProperty("hazelcast.heartbeat.interval.seconds", seconds(detection.heartbeat()))
        .setProperty("hazelcast.max.no.heartbeat.seconds", lostAfter)
        .setProperty("hazelcast.merge.first.run.delay.seconds", merge)
        .setProperty("hazelcast.merge.next.run.delay.seconds", merge)
        .setProperty("hazelcast.mastership.claim.timeout.seconds", lostAfter)
        .setProperty("hazelcast.member.list.publish.interval.seconds", merge)
        // Members that come within this time are let in together: each at once is quicker here.
        .setProperty("hazelcast.wait.seconds.before.join", "0")
        // Whoever asks a member that is gone must not wait for longer than until that is noticed.
        .setProperty("hazelcast.operation.call.timeout.millis", millis(detection.lostAfter()))
        .setProperty("hazelcast.socket.connect.timeout.seconds", "" + CONNECT_TIMEOUT_SECONDS)
        .setProperty("hazelcast.graceful.shutdown.max.wait", "2");
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
    switch (cluster.discovery()) {
      case Discovery.Members listed ->
          join.getTcpIpConfig()
              .setEnabled(true)
              .setConnectionTimeoutSeconds(CONNECT_TIMEOUT_SECONDS)
              .setMembers(listed.members());
      case Discovery.Dns dns ->
          join.getKubernetesConfig()
              .setEnabled(true)
              .setProperty("service-dns", dns.name())
              .setProperty("service-port", Integer.toString(own.port()));
      case Discovery.Kubernetes kubernetes -> {
        var api =
            join.getKubernetesConfig()
                .setEnabled(true)
                .setProperty("service-name", kubernetes.service());
        kubernetes.namespace().ifPresent(namespace -> api.setProperty("namespace", namespace));
      }
    }
  }

  private static String seconds(Duration duration) {
    return Long.toString(Math.max(1, duration.toSeconds()));
  }

  private static String millis(Duration duration) {
    return Long.toString(duration.toMillis());
  }
}
