package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QualifiedNameTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "Orders,public,orders,public.orders",
        "Public.ORDERS,public,orders,public.orders",
        "'\"Sales\".\"a.b\"',Sales,a.b,'\"Sales\".\"a.b\"'",
        "'\"a\"\"b\"',public,'a\"b','public.\"a\"\"b\"'",
        "'s.\"ok\"',s,ok,s.ok",
        "größe,public,größe,'public.\"größe\"'",
        "ÄB,public,Äb,'public.\"Äb\"'",
        "_a$1,public,_a$1,public._a$1",
        "' s . t ',s,t,s.t"
      })
  void isReadAsSqlWould(String text, String schema, String name, String written) {
    var relation = QualifiedName.parse(text);
    assertThat(relation.schema()).isEqualTo(schema);
    assertThat(relation.name()).isEqualTo(name);
    assertThat(relation).hasToString(written);
    assertThat(QualifiedName.parse(written)).isEqualTo(relation);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "a.", ".a", "a.b.c", "a b", "1a", "\"a", "a\"b\"", "a;b", "\"\"", "\"a\0\""
      })
  void isRefusedWhereSqlWould(String text) {
    assertThat(QualifiedName.find(text)).isEmpty();
    assertThatThrownBy(() -> QualifiedName.parse(text))
        .extracting(refused -> ((TidemarkException) refused).code())
        .isEqualTo(ErrorCode.CONFIG_INVALID);
  }
}
