package io.tidemark.launcher.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tidemark.common.config.ClusterConfig;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ClusterMemberTest {
  private static final int LIMIT_SECONDS = 30;

  private static ClusterConfig pair() throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    try (var one = new ServerSocket(0, 1, loopback);
        var other = new ServerSocket(0, 1, loopback)) {
      return ClusterConfig.DEFAULT.withMembers(
          List.of("127.0.0.1:" + one.getLocalPort(), "127.0.0.1:" + other.getLocalPort()));
    }
  }

  @Test
  void aNodeOfAnotherProtocolIsRefusedAndBothSidesSayWhy() throws Exception {
    var cluster = pair();
    var events = new ListAppender<ILoggingEvent>();
    events.start();
    var log = (Logger) LoggerFactory.getLogger(ClusterMember.class);
    log.addAppender(events);
    try (var old = ClusterMember.join(cluster, "127.0.0.1", "old-1", 1)) {
      // When
      var refused =
          catchThrowableOfType(
              TidemarkException.class, () -> ClusterMember.join(cluster, "127.0.0.1", "new-1", 2));
      // Then
      assertThat(refused.code()).isEqualTo(ErrorCode.PROTOCOL);
      assertThat(refused.report().message())
          .contains("node old-1 of cluster tidemark speaks protocol 1, this one 2");
      assertThat(old.host()).isEqualTo("127.0.0.1");
      assertThat(List.copyOf(events.list))
          .anyMatch(
              event ->
                  event.getMessage().contains("node refused")
                      && event.getKeyValuePairs().toString().contains("new-1"));
    } finally {
      log.detachAppender(events);
    }
  }

  @Test
  void aNodeThatLeavesIsNamedToTheOthersAtOnce() throws Exception {
    var cluster = pair();
    var left = new ArrayBlockingQueue<String>(8);
    try (var stays = ClusterMember.join(cluster, "127.0.0.1", "stays", 1)) {
      stays.onLeft(left::add);
      var goes = ClusterMember.join(cluster, "127.0.0.1", "goes", 1);
      // When
      goes.close();
      // Then
      assertThat(left.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo("goes");
    }
  }
}
