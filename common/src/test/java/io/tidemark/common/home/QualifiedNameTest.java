package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelationNameTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "Orders,'',orders,orders",
        "Public.ORDERS,public,orders,public.orders",
        "'\"Sales\".\"a.b\"',Sales,a.b,'\"Sales\".\"a.b\"'",
        "'\"a\"\"b\"','','a\"b','\"a\"\"b\"'",
        "'s.\"ok\"',s,ok,s.ok",
        "größe,'',größe,'\"größe\"'",
        "ÄB,'',Äb,'\"Äb\"'",
        "_a$1,'',_a$1,'\"_a$1\"'"
      })
  void isReadAsSqlWould(String text, String schema, String name, String written) {
    var relation = RelationName.parse(text).orElseThrow();
    assertThat(relation.schema().orElse("")).isEqualTo(schema);
    assertThat(relation.name()).isEqualTo(name);
    assertThat(relation).hasToString(written);
    assertThat(RelationName.parse(written)).contains(relation);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "a.", ".a", "a.b.c", "a b", "1a", "\"a", "a\"b\"", "a;b", "\"\""})
  void isRefusedWhereSqlWould(String text) {
    assertThat(RelationName.parse(text)).isEmpty();
  }
}
