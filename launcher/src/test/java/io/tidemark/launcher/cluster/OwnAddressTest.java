package io.tidemark.launcher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.config.ClusterConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnAddressTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static OwnAddress own(String listen, String... members) {
    return OwnAddress.of(ClusterConfig.DEFAULT.withMembers(List.of(members)), listen);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void isTheListedMemberOnThisMachine() {
    assertThat(own("0.0.0.0", "198.51.100.1:6701", "127.0.0.1:6702"))
        .isEqualTo(new OwnAddress(Optional.of("127.0.0.1"), 6702));
  }

  @Test
  void isTheListedMemberThatItsFrontendListensOn() {
    assertThat(own("127.0.0.2", "127.0.0.1:6701", "127.0.0.2:6702"))
        .isEqualTo(new OwnAddress(Optional.of("127.0.0.2"), 6702));
  }

  @Test
  void takesTheFirstListedPortThatIsFree() throws Exception {
    var free = freePort();
    try (var taken = new ServerSocket(0, 1, LOOPBACK)) {
      assertThat(own("127.0.0.1", "127.0.0.1:" + taken.getLocalPort(), "127.0.0.1:" + free))
          .isEqualTo(new OwnAddress(Optional.of("127.0.0.1"), free));
    }
  }

  @Test
  void isNeverTheLoopbackWhereAllMembersAreElsewhere() {
    assertThat(own("127.0.0.1", "198.51.100.1:6701", "198.51.100.2"))
        .isEqualTo(new OwnAddress(Optional.empty(), ClusterConfig.DEFAULT_PORT));
  }

  @Test
  void readsMembersWithAndWithoutPorts() {
    assertThat(OwnAddress.Member.parse("node:1").host()).isEqualTo("node");
    assertThat(OwnAddress.Member.parse("[::1]:7").host()).isEqualTo("::1");
    assertThat(OwnAddress.Member.parse("[::1]:7").port()).hasValue(7);
    assertThat(OwnAddress.Member.parse("[::1]").port()).isEmpty();
    assertThat(OwnAddress.Member.parse("node").port()).isEmpty();
  }
}
