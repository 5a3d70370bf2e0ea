package io.tidemark.toxiproxy.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.toxiproxy.json.JsonValue.Arr;
import io.tidemark.toxiproxy.json.JsonValue.Bool;
import io.tidemark.toxiproxy.json.JsonValue.Member;
import io.tidemark.toxiproxy.json.JsonValue.Null;
import io.tidemark.toxiproxy.json.JsonValue.Num;
import io.tidemark.toxiproxy.json.JsonValue.Obj;
import io.tidemark.toxiproxy.json.JsonValue.Str;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages are those of Go's decoder. */
class JsonReaderTest {
  @Test
  void allKindsOfValuesAreRead() throws JsonException {
    assertThat(read(" {\"a\" : [1, -2.5e+3, true, false, null, \"x\"], \"b\":{}, \"c\":[]}\n"))
        .isEqualTo(
            new Obj(
                List.of(
                    new Member(
                        "a",
                        new Arr(
                            List.of(
                                new Num("1"),
                                new Num("-2.5e+3"),
                                new Bool(true),
                                new Bool(false),
                                new Null(),
                                new Str("x")))),
                    new Member("b", new Obj(List.of())),
                    new Member("c", new Arr(List.of())))));
  }

  @Test
  void escapesAndUnicodeAreRead() throws JsonException {
    assertThat(read("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 ü\""))
        .isEqualTo(new Str("a\"\\/\b\f\n\r\té\uD83D\uDE00 ü"));
    assertThat(read("\"\\ud83d!\"")).isEqualTo(new Str("\uFFFD!"));
  }

  @Test
  void whatFollowsTheFirstValueIsIgnored() throws JsonException {
    assertThat(read("{} trailing")).isEqualTo(new Obj(List.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | EOF",
        "` ` | EOF",
        "{ | unexpected EOF",
        "{\"a\":1 | unexpected EOF",
        "\"abc | unexpected EOF",
        "tru | unexpected EOF",
        "- | unexpected EOF",
        "x | invalid character 'x' looking for beginning of value",
        "{a | invalid character 'a' looking for beginning of object key string",
        "{\"a\":1,} | invalid character '}' looking for beginning of object key string",
        "{\"a\" 1 | invalid character '1' after object key",
        "{\"a\":1 2 | invalid character '2' after object key:value pair",
        "{\"a\":01} | invalid character '1' after object key:value pair",
        "[1 2 | invalid character '2' after array element",
        "[1,] | invalid character ']' looking for beginning of value",
        "trux | invalid character 'x' in literal true (expecting 'e')",
        "-x | invalid character 'x' in numeric literal",
        "1.x | invalid character 'x' after decimal point in numeric literal",
        "1ex | invalid character 'x' in exponent of numeric literal",
        "\"\\x | invalid character 'x' in string escape code",
        "\"\\u00g | invalid character 'g' in \\u hexadecimal character escape",
        "' | invalid character '\\'' looking for beginning of value",
      })
  void whatIsWrongIsSaid(String text, String message) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(JsonException.class).hasMessage(message);
  }

  @Test
  void controlCharactersInStringsAreWrong() {
    assertThatThrownBy(() -> read("\"a\nb\""))
        .hasMessage("invalid character '\\n' in string literal");
  }

  @Test
  void depthHasALimit() {
    assertThatThrownBy(() -> read("[".repeat(100_000))).hasMessage("exceeded max depth");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "0, 0",
    "0.5, 0.5",
    "0.2, 0.2",
    "-1, -1",
    "100000000, 100000000",
    "1e20, 100000000000000000000",
    "1e21, 1e+21",
    "1.5e-7, 1.5e-7",
    "0.000001, 0.000001"
  })
  void numbersAreWrittenAsGoDoes(float number, String text) {
    assertThat(JsonText.number(number)).isEqualTo(text);
  }

  @Test
  void stringsAreWrittenAsGoDoes() {
    assertThat(JsonText.quote("a\"\\\n\u0001<>&\u2028é"))
        .isEqualTo("\"a\\\"\\\\\\n\\u0001\\u003c\\u003e\\u0026\\u2028é\"");
  }

  private static JsonValue read(String text) throws JsonException {
    return JsonReader.read(text.getBytes(UTF_8));
  }
}
