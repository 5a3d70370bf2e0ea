package io.tidemark.launcher.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipAdapter;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.tidemark.common.config.ClusterConfig;
import io.tidemark.common.config.ClusterConfig.Discovery;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.vertx.core.VertxOptions;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's membership in a cluster, from before its event bus is there until after it is gone.
 * What it tells of others is a hint.
 */
public final class ClusterMember implements AutoCloseable {
  private static final int MAX_CAUSES = 8;
  private static final Logger LOG = LoggerFactory.getLogger(ClusterMember.class);

  private static final String LOGGING = "hazelcast.logging.type";
  private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

  private final HazelcastInstance hazelcast;
  private final ClusterConfig cluster;
  private final int protocol;

  private ClusterMember(HazelcastInstance hazelcast, ClusterConfig cluster, int protocol) {
    this.hazelcast = hazelcast;
    this.cluster = cluster;
    this.protocol = protocol;
  }

  /**
   * Joins those that are there, or begins a cluster that others will join. Blocks.
   *
   * @param listen what this node's frontend listens on
   * @param nodeId unique for each start of a process
   * @param protocol version that this node speaks
   * @throws TidemarkException PROTOCOL where those that are there speak another one; CONFIG_INVALID
   *     where its address cannot be had
   */
  public static ClusterMember join(
      ClusterConfig cluster, String listen, String nodeId, int protocol) {
    var own = OwnAddress.of(cluster, listen);
    var hazelcast = start(cluster, own, nodeId, protocol);
    var member = new ClusterMember(hazelcast, cluster, protocol);
    try {
      member.requireSameProtocol();
      member.refuseOthers();
      LOG.atInfo()
          .addKeyValue("cluster", cluster.name())
          .addKeyValue("address", hazelcast.getCluster().getLocalMember().getAddress())
          .addKeyValue("nodes", hazelcast.getCluster().getMembers().size())
          .log("in the cluster");
      return member;
    } catch (RuntimeException e) {
      member.close();
      throw e;
    }
  }

  private static HazelcastInstance start(
      ClusterConfig cluster, OwnAddress own, String nodeId, int protocol) {
    // What it says before it reads its settings goes the same way.
    System.setProperty(LOGGING, "slf4j");
    try {
      return Hazelcast.newHazelcastInstance(HazelcastSettings.of(cluster, own, nodeId, protocol));
    } catch (RuntimeException e) {
      // Discovery, too, fails with whatever it likes.
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.CONFIG_INVALID,
                  "cluster %s cannot be joined at %s port %d: %s"
                      .formatted(
                          cluster.name(), own.host().orElse("any address"), own.port(), reason(e)))
              .withHint(hint(cluster)),
          e);
    }
  }

  private static String hint(ClusterConfig cluster) {
    return switch (cluster.discovery()) {
      case Discovery.Members listed -> "Check section `cluster`: host, port and members.";
      case Discovery.Dns dns -> "Check section `cluster`: host, port and dns.";
      case Discovery.Kubernetes kubernetes ->
          "Check section `cluster`: host, port and kubernetes, and whether the pod reaches the"
              + " Kubernetes API and its service account may list endpointslices; what it"
              + " answered stands in the log.";
    };
  }

  /** What it says, and what is at the bottom of it. */
  private static String reason(Throwable error) {
    var said = String.valueOf(error.getMessage());
    var cause = error.getCause();
    for (var depth = 0; depth < MAX_CAUSES && cause != null; depth++) {
      if (cause.getCause() == null) {
        return said + ": " + cause;
      }
      cause = cause.getCause();
    }
    return said;
  }

  /** For the {@code Vertx} of this node. */
  public ClusterManager clusterManager() {
    return new HazelcastClusterManager(hazelcast);
  }

  /** Where the event bus of this node listens. */
  public VertxOptions options() {
    var options = new VertxOptions();
    var announced = cluster.announced();
    options
        .getEventBusOptions()
        .setHost(host())
        .setPort(cluster.busPort())
        .setClusterPublicHost(announced.host().orElse(host()))
        .setClusterPingInterval(cluster.detection().busPing().toMillis())
        .setClusterPingReplyInterval(cluster.detection().busPing().toMillis())
        .setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
    announced.busPort().ifPresent(options.getEventBusOptions()::setClusterPublicPort);
    return options;
  }

  /** The address by which others find this machine. */
  public String host() {
    var local = hazelcast.getConfig().getProperty("hazelcast.local.localAddress");
    return local != null ? local : hazelcast.getCluster().getLocalMember().getAddress().getHost();
  }

  /** Calls back with the id of each node that the cluster does not see any more. */
  public void onLeft(Consumer<String> listener) {
    hazelcast
        .getCluster()
        .addMembershipListener(
            new MembershipAdapter() {
              @Override
              public void memberRemoved(MembershipEvent event) {
                nodeId(event.getMember()).ifPresent(listener);
              }
            });
  }

  /** Ids of the nodes that the cluster sees, this one among them. */
  public Set<String> nodes() {
    return hazelcast.getCluster().getMembers().stream()
        .flatMap(member -> nodeId(member).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Leaves, so that the others know at once. */
  @Override
  public void close() {
    hazelcast.shutdown();
  }

  private void requireSameProtocol() {
    for (var other : hazelcast.getCluster().getMembers()) {
      if (!speaksTheSame(other)) {
        throw new TidemarkException(
            ErrorReport.of(
                ErrorCode.PROTOCOL,
                "node %s of cluster %s speaks protocol %s, this one %d"
                    .formatted(
                        nodeId(other).orElse("?"), cluster.name(), protocolOf(other), protocol)));
      }
    }
  }

  /** Those leave by themselves; here it is said why. */
  private void refuseOthers() {
    hazelcast
        .getCluster()
        .addMembershipListener(
            new MembershipAdapter() {
              @Override
              public void memberAdded(MembershipEvent event) {
                var other = event.getMember();
                if (!speaksTheSame(other)) {
                  LOG.atError()
                      .addKeyValue("node", nodeId(other).orElse("?"))
                      .addKeyValue("address", other.getAddress())
                      .addKeyValue("itsProtocol", protocolOf(other))
                      .addKeyValue("protocol", protocol)
                      .log("node refused: run the same version of Tidemark on every node");
                }
              }
            });
  }

  private boolean speaksTheSame(Member other) {
    return protocolOf(other).equals(Integer.toString(protocol));
  }

  private static String protocolOf(Member member) {
    return Objects.requireNonNullElse(member.getAttribute(HazelcastSettings.PROTOCOL), "unknown");
  }

  private static Optional<String> nodeId(Member member) {
    return Optional.ofNullable(member.getAttribute(HazelcastSettings.NODE_ID));
  }
}
