package io.tidemark.toxiproxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Addresses as Go reads and writes them. */
class HostPortTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "localhost:80,localhost,80",
        "127.0.0.1:0,127.0.0.1,0",
        "[::1]:65535,::1,65535",
        ":1,``,1",
        "``,``,0",
        "host:,host,0",
        "host:+80,host,80"
      })
  void addressesAreRead(String address, String host, int port) throws AddressException {
    assertThat(HostPort.parse(address)).isEqualTo(new HostPort(host, port));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "host | address host: missing port in address",
        "::1:80 | address ::1:80: too many colons in address",
        "[::1]80 | address [::1]80: missing port in address",
        "[::1:80 | address [::1:80: missing ']' in address",
        "[::1]:8:0 | address [::1]:8:0: too many colons in address",
        "ho]st:80 | address ho]st:80: unexpected ']' in address",
        "host:65536 | address 65536: invalid port",
        "host:99999999999999999999 | address 99999999999999999999: invalid port",
        "host:-1 | address -1: invalid port",
        "host:http-ish | lookup tcp/http-ish: unknown port",
      })
  void whatIsWrongIsSaid(String address, String message) {
    assertThatThrownBy(() -> HostPort.parse(address)).hasMessage(message);
  }

  @Test
  void allAddressesAreFoundTheOlderFamilyFirst() throws AddressException {
    assertThat(new HostPort("localhost", 7).resolve().getFirst())
        .hasToString("localhost/127.0.0.1:7");
    assertThat(new HostPort("", 7).resolve().getFirst().getAddress().isLoopbackAddress()).isTrue();
    assertThatThrownBy(() -> new HostPort("256.0.0.1", 7).resolve())
        .hasMessage("lookup 256.0.0.1: no such host");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:80,127.0.0.1:80",
    "[0:0:0:0:0:0:0:1]:80,[::1]:80",
    "0.0.0.0:80,0.0.0.0:80",
    ":80,:80"
  })
  void resolvedAddressesAreWrittenAsGoDoes(String given, String resolved) throws AddressException {
    assertThat(ListenAddress.resolve(given)).hasToString(resolved);
  }
}
