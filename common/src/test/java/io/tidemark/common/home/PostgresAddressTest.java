package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.SslMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

class PostgresAddressTest {
  private static final String SPECIAL = "p@ss:w/r?d#1%+ &=*[]\"'ü€\\";

  @Test
  void everyPartIsRead() {
    var address =
        PostgresAddress.parse("postgres://u%40x:p%3A%40+1@h_1.example:6432/d%2Fb?a=b%26c&d");
    assertThat(address.host()).isEqualTo("h_1.example");
    assertThat(address.port()).isEqualTo(6432);
    assertThat(address.database()).isEqualTo("d/b");
    assertThat(address.user()).isEqualTo("u@x");
    assertThat(address.password()).contains("p:@+1");
    assertThat(address.options()).isEqualTo(Map.of("a", "b&c", "d", ""));
  }

  @Test
  void portUserAndPasswordMayBeLeftOut() {
    var address = PostgresAddress.parse("postgresql://h/d");
    assertThat(address.port()).isEqualTo(5432);
    assertThat(address.user()).isEqualTo(System.getProperty("user.name"));
    assertThat(address.password()).isEmpty();
    assertThat(PostgresAddress.parse("postgresql://u:@h/d").password()).isEmpty();
  }

  @Test
  void argumentsWinOverTheUrlAndTheUrlOverItsOptions() {
    var url = "postgresql://u:p@h/d?user=x&password=y&a=b";
    var argued = PostgresAddress.parse(url, Optional.of("v"), Optional.of("q"));
    assertThat(argued.user()).isEqualTo("v");
    assertThat(argued.password()).contains("q");
    assertThat(PostgresAddress.parse(url).password()).contains("p");
    var option = PostgresAddress.parse("postgresql://h/d?user=x&password=y&a=b");
    assertThat(option.user()).isEqualTo("x");
    assertThat(option.password()).contains("y");
    assertThat(option.options()).isEqualTo(Map.of("a", "b"));
    assertThat(option.jdbcUrl()).isEqualTo("jdbc:postgresql://h:5432/d?a=b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"h", "h_1", "127.0.0.1", "::1", "fe80::1%eth0", "bücher.example"})
  void urlIsReadBack(String host) {
    var options = new LinkedHashMap<String, String>();
    options.put("sslmode", "require");
    options.put("b", "x&y = z");
    options.put("a", "");
    var address =
        new PostgresAddress(host, 5433, "Dätä/ base", "u@x:", Optional.of(SPECIAL), options);
    assertThat(PostgresAddress.parse(address.url())).isEqualTo(address);
    assertThat(PostgresAddress.parse(address.url()).url()).isEqualTo(address.url());
    var noPassword = new PostgresAddress(host, 1, "d", "u", Optional.empty(), Map.of());
    assertThat(PostgresAddress.parse(noPassword.url())).isEqualTo(noPassword);
  }

  @Test
  void theDriverReadsTheSamePartsFromTheJdbcUrl() {
    var address =
        new PostgresAddress("::1", 5433, "dätä/ b+", "u", Optional.of("p"), Map.of("a", "x&y+ z"));
    var read = Driver.parseURL(address.jdbcUrl(), new Properties());
    assertThat(read).isNotNull();
    assertThat(read.getProperty("PGHOST")).isEqualTo("[::1]");
    assertThat(read.getProperty("PGPORT")).isEqualTo("5433");
    assertThat(read.getProperty("PGDBNAME")).isEqualTo("dätä/ b+");
    assertThat(read.getProperty("a")).isEqualTo("x&y+ z");
  }

  @Test
  void thePasswordIsNeverPrinted() {
    var address =
        PostgresAddress.parse("postgresql://u@[::1]:1/d", Optional.empty(), Optional.of("hunter2"));
    assertThat(address).hasToString("postgresql://u@[::1]:1/d");
    assertThat(address.jdbcUrl()).doesNotContain("hunter2");
    assertThat(address.withDatabase("e").password()).contains("hunter2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mysql://u:hunter2@h/d | the URL does not start with postgresql://",
        "hunter2 | the URL does not start with postgresql://",
        "postgresql://u:hunter2@/d | the URL names no host",
        "postgresql://u:hunter2@h | the URL names no database",
        "postgresql://u:hunter2@h/ | the URL names no database",
        "postgresql://u:hunter2@h:x/d | the URL's port is not a number between 1 and 65535",
        "postgresql://u:hunter2@h:0/d | the URL's port is not a number between 1 and 65535",
        "postgresql://u:hunter2@h:65536/d | the URL's port is not a number between 1 and 65535",
        "postgresql://u:hunter2@h,i/d | the URL names several hosts",
        "postgresql://u:hunter2@a%2Fb/d | the URL's host is not a name or an address",
        "postgresql://u:hunter2@::1/d | the URL names no host",
        "postgresql://u:hun@ter2@h/d | the URL is not well-formed",
        "postgresql://u:12/hunter2@h/d | the URL is not well-formed",
        "postgresql://u:12/hunter2?x@h/d | the URL is not well-formed",
        "postgresql://u:12#hunter2@h/d | the URL is not well-formed",
        "postgresql://u:hunter2@h/d#x | the URL is not well-formed",
        "postgresql://u:hunter2 x@h/d | the URL holds a blank or a control character",
        "postgresql://u:%hunter2@h/d | the URL has a % that two hexadecimal digits do not follow",
        "postgresql://u:hunter2%@h/d | the URL has a % that two hexadecimal digits do not follow",
        "postgresql://u@h/d?hunter2%20x=1 | the URL has an option whose name is not a word",
        "postgresql://u@h/d?sslmode=hunter2 | the URL's sslmode is not known"
      })
  void aBadUrlIsRefusedWithoutQuotingIt(String url, String message) {
    var error = catchThrowableOfType(TidemarkException.class, () -> PostgresAddress.parse(url));
    assertThat(error).hasMessage(message).hasNoCause();
    assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
    assertThat(error.report().hint()).doesNotContain("hunter2");
  }

  @Test
  void theReactiveClientGetsTheSameAddress() {
    var connect =
        PostgresAddress.parse("postgresql://u:p%40@[::1]:1/d?sslmode=require").reactive("app");
    assertThat(connect.getHost()).isEqualTo("::1");
    assertThat(connect.getPort()).isEqualTo(1);
    assertThat(connect.getDatabase()).isEqualTo("d");
    assertThat(connect.getUser()).isEqualTo("u");
    assertThat(connect.getPassword()).isEqualTo("p@");
    assertThat(connect.getSslMode()).isEqualTo(SslMode.REQUIRE);
    assertThat(connect.getSslOptions().isTrustAll()).isTrue();
    var verifying =
        PostgresAddress.parse("postgresql://u@h/d?sslmode=verify-full&sslrootcert=/ca.pem")
            .reactive("app")
            .getSslOptions();
    assertThat(verifying.isTrustAll()).isFalse();
    assertThat(verifying.getHostnameVerificationAlgorithm()).isEqualTo("HTTPS");
    assertThat(((PemTrustOptions) verifying.getTrustOptions()).getCertPaths())
        .containsExactly("/ca.pem");
  }
}
