package io.tidemark.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {
  @ParameterizedTest
  @CsvSource({
    "postgresql://u:hunter2@h:5432/d,postgresql://u:***@h:5432/d",
    "postgresql://u:hun@ter2/x@h/d,postgresql://u:***@h/d",
    "postgresql://:hunter2@h/d,postgresql://:***@h/d",
    "postgresql://u@h:5432/d,postgresql://u@h:5432/d",
    "postgresql://h:5432/d,postgresql://h:5432/d",
    "postgresql://u:${env:P}@h/d,postgresql://u:${env:P}@h/d",
    "postgresql://${env:U}:${file:/run/p}@h/d,postgresql://${env:U}:${file:/run/p}@h/d",
    "postgresql://u:x${env:P}@h/d,postgresql://u:***@h/d",
    "postgresql://u:$${env:P}@h/d,postgresql://u:***@h/d",
    "postgresql://h/d?a=b&password=hunter2&c=d,postgresql://h/d?a=b&password=***&c=d",
    "postgresql://h/d?sslpassword=hunter2,postgresql://h/d?sslpassword=***",
    "postgresql://h/d?PASSWORD=${env:P},postgresql://h/d?PASSWORD=${env:P}",
    "jdbc:mariadb://u:hunter2@h/d,jdbc:mariadb://u:***@h/d",
    "jdbc:sqlserver://h:1433;user=u;password=hunter2;encrypt=true,jdbc:sqlserver://h:1433;user=u;password=***;encrypt=true",
    "jdbc:sqlserver://h;Password={hun;ter2};x=y,jdbc:sqlserver://h;Password=***;x=y",
    "jdbc:mysql://h/d?user=u&trustStorePwd=hunter2,jdbc:mysql://h/d?user=u&trustStorePwd=***",
    "jdbc:oracle:thin:u/hunter2@h:1521:d,jdbc:oracle:thin:u/***@h:1521:d",
    "jdbc:oracle:thin:@//h:1521/d,jdbc:oracle:thin:@//h:1521/d",
    "jdbc:h2:mem:x;PASSWORD=${env:P},jdbc:h2:mem:x;PASSWORD=${env:P}",
    "${env:URL},${env:URL}",
    "a = 'b@c:d',a = 'b@c:d'"
  })
  void passwordsWithinUrlsAreMasked(String url, String shown) {
    assertThat(Redaction.url(url)).isEqualTo(shown);
  }

  @Test
  void everyPasswordOfADefinitionIsMaskedUnlessItIsAPlaceholder() throws IOException {
    var shown =
        Redaction.definition(
            """
            {"name": "t", "vnodes": 4, "source": {"url": "postgresql://u:hunter2@h/d",
             "password": "hunter2", "columns": ["password"], "where": "x > 1.50"},
             "more": [{"password": "${env:P}"}, {"Password": "a${env:P}"}, {"password": 12345}]}
            """);
    assertThat(Json.MAPPER.readTree(shown))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"name": "t", "vnodes": 4, "source": {"url": "postgresql://u:***@h/d",
                 "password": "***", "columns": ["password"], "where": "x > 1.50"},
                 "more": [{"password": "${env:P}"}, {"Password": "***"}, {"password": "***"}]}
                """));
  }

  @Test
  void aDefinitionThatIsNotJsonIsNotQuoted() {
    assertThatThrownBy(() -> Redaction.definition("hunter2"))
        .isInstanceOfSatisfying(
            TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUG))
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }

  @Test
  void secretsAreTakenOutOfADriversMessage() {
    assertThat(
            Redaction.redact(
                "no route for p@ss.*: postgresql://u:p%40ss.%2A@h/d, x p@ss",
                List.of("p@ss", "", "p@ss.*")))
        .isEqualTo("no route for ***: postgresql://u:***@h/d, x ***");
    assertThat(Redaction.redact("nothing here", List.of())).isEqualTo("nothing here");
    assertThat(Redaction.redact("a*b", List.of("*", "b"))).isEqualTo("a******");
  }
}
