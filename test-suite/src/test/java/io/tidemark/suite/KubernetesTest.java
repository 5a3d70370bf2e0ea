package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tidemark.common.config.ClusterConfig;
import io.tidemark.common.config.ClusterConfig.Detection;
import io.tidemark.common.config.ClusterConfig.Discovery;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.launcher.cluster.ClusterMember;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Nodes find each other by the Kubernetes API, with the rights that the manifest of the
 * documentation gives them.
 */
class KubernetesTest {
  private static final String NAMESPACE = "warehouse";
  private static final String ONE = "127.0.0.2";
  private static final String OTHER = "127.0.0.3";
  private static final String GONE = "127.0.0.4";
  private static final String RETRIES = "hazelcast.kubernetes.kubernetes-api-retries";

  @TempDir static Path folder;
  private static KubernetesManifest manifest;
  private static FakeKubernetes kubernetes;
  private final List<ClusterMember> members = new ArrayList<>();
  private int port;

  @BeforeAll
  static void serve() throws Exception {
    manifest = KubernetesManifest.read();
    kubernetes = new FakeKubernetes(folder, NAMESPACE, "tidemark");
    kubernetes.properties().forEach(System::setProperty);
    System.setProperty(RETRIES, "0");
  }

  @AfterAll
  static void stop() {
    kubernetes.properties().keySet().forEach(System::clearProperty);
    System.clearProperty(RETRIES);
    kubernetes.close();
  }

  @BeforeEach
  void open() throws Exception {
    port = DiscoveryTest.freePort();
    kubernetes.allow(manifest.rules());
    kubernetes.pods(List.of(ONE, OTHER, GONE));
    kubernetes.away(false);
  }

  @AfterEach
  void leave() {
    members.reversed().forEach(ClusterMember::close);
  }

  @Test
  void aNodeThatMayNotAskSaysSoBeginsAloneAndJoinsOnceItMay() throws Exception {
    var events = new ListAppender<ILoggingEvent>();
    events.start();
    var log = (Logger) LoggerFactory.getLogger("com.hazelcast.kubernetes.KubernetesClient");
    log.addAppender(events);
    try {
      // Given
      kubernetes.allow(JsonNodeFactory.instance.arrayNode());
      var one = join(ONE);
      var other = join(OTHER);
      assertThat(other.nodes()).containsExactly(OTHER);
      assertThat(List.copyOf(events.list))
          .anyMatch(event -> event.getFormattedMessage().contains("access is forbidden"));
      // When
      kubernetes.allow(manifest.rules());
      // Then
      Until.holds("they have met", () -> one.nodes().size() == 2 && other.nodes().size() == 2);
    } finally {
      log.detachAppender(events);
    }
  }

  @Test
  void whereTheApiIsAwayANodeDoesNotStartAndWhereItAnswersItIsInTheClusterAtOnce() {
    // Given
    var one = join(ONE);
    kubernetes.away(true);
    // When
    var refused = catchThrowableOfType(TidemarkException.class, () -> join(OTHER));
    kubernetes.away(false);
    var other = join(OTHER);
    // Then
    assertThat(refused.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
    assertThat(refused.report().hint()).contains("whether the pod reaches the Kubernetes API");
    assertThat(other.nodes()).containsExactlyInAnyOrder(ONE, OTHER);
    assertThat(one.nodes()).contains(ONE);
    assertThat(kubernetes.answered()).contains("list endpointslices");
  }

  @Test
  void theManifestFitsTogether() throws Exception {
    // Given
    var pod = manifest.at("Deployment", "/spec/template/spec");
    var ports = ports(pod.at("/containers/0/ports"), "containerPort");
    // When
    var config =
        ConfigReader.read(
            Files.writeString(
                folder.resolve("tidemark.yaml"),
                manifest.at("ConfigMap", "/data/tidemark.yaml").asText()));
    // Then
    var cluster = config.cluster().orElseThrow();
    var account = manifest.at("ServiceAccount", "/metadata/name");
    assertThat(pod.path("serviceAccountName")).isEqualTo(account);
    assertThat(manifest.at("RoleBinding", "/subjects/0/name")).isEqualTo(account);
    assertThat(manifest.at("RoleBinding", "/roleRef/name"))
        .isEqualTo(manifest.at("Role", "/metadata/name"));
    assertThat(cluster.discovery())
        .isEqualTo(
            new Discovery.Kubernetes(
                manifest.at("Service", "/metadata/name").asText(), Optional.empty()));
    assertThat(manifest.at("Service", "/spec/selector"))
        .isEqualTo(manifest.at("Deployment", "/spec/template/metadata/labels"));
    assertThat(manifest.at("Service", "/spec/publishNotReadyAddresses").asBoolean()).isTrue();
    assertThat(ports)
        .containsAllEntriesOf(ports(manifest.at("Service", "/spec/ports"), "port"))
        .isEqualTo(
            Map.of(
                "http", config.server().port(),
                "member", cluster.port().orElseThrow(),
                "bus", cluster.busPort()));
  }

  private static Map<String, Integer> ports(JsonNode listed, String number) {
    var ports = new HashMap<String, Integer>();
    listed.forEach(it -> ports.put(it.path("name").asText(), it.path(number).asInt()));
    return ports;
  }

  private ClusterMember join(String address) {
    var member = ClusterMember.join(cluster(address), address, address, 1);
    members.add(member);
    return member;
  }

  private ClusterConfig cluster(String address) {
    var detection = Detection.DEFAULT;
    return new ClusterConfig(
        "tidemark",
        Optional.of(port),
        Optional.of(address),
        0,
        ClusterConfig.Announced.AS_IT_LISTENS,
        new Discovery.Kubernetes("tidemark", Optional.of(NAMESPACE)),
        new Detection(
            detection.heartbeat(),
            detection.lostAfter(),
            Duration.ofSeconds(1),
            detection.busPing()));
  }
}
