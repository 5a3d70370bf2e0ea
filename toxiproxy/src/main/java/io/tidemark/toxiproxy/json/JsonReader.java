package io.tidemark.toxiproxy.json;

import io.tidemark.toxiproxy.json.JsonValue.Arr;
import io.tidemark.toxiproxy.json.JsonValue.Bool;
import io.tidemark.toxiproxy.json.JsonValue.Member;
import io.tidemark.toxiproxy.json.JsonValue.Null;
import io.tidemark.toxiproxy.json.JsonValue.Num;
import io.tidemark.toxiproxy.json.JsonValue.Obj;
import io.tidemark.toxiproxy.json.JsonValue.Str;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/**
 * Reads the first JSON value of a text, with the messages of Go's {@code encoding/json} where it is
 * none. What follows the value is ignored, as Go's decoder of streams does.
 */
public final class JsonReader {
  private static final int MAX_DEPTH = 500;
  private static final int HEX_DIGITS = 4;

  private final byte[] text;
  private int position;
  private int depth;

  private JsonReader(byte[] text) {
    this.text = text;
  }

  /**
   * Reads.
   *
   * @throws JsonException {@code EOF} where there is nothing but white space
   */
  public static JsonValue read(byte[] text) throws JsonException {
    var reader = new JsonReader(text);
    reader.skipSpace();
    if (reader.atEnd()) {
      throw new JsonException("EOF");
    }
    return reader.value();
  }

  private JsonValue value() throws JsonException {
    skipSpace();
    var first = peek();
    return switch (first) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> new Str(string());
      case 't' -> literal("true", new Bool(true));
      case 'f' -> literal("false", new Bool(false));
      case 'n' -> literal("null", new Null());
      default -> {
        if (first == '-' || isDigit(first)) {
          yield number();
        }
        throw unexpected("looking for beginning of value");
      }
    };
  }

  private Obj object() throws JsonException {
    enter();
    var members = new ArrayList<Member>();
    if (peekPastSpace() == '}') {
      return leave(new Obj(members));
    }
    while (true) {
      if (peekPastSpace() != '"') {
        throw unexpected("looking for beginning of object key string");
      }
      var key = string();
      if (peekPastSpace() != ':') {
        throw unexpected("after object key");
      }
      position++;
      members.add(new Member(key, value()));
      var next = peekPastSpace();
      if (next == '}') {
        return leave(new Obj(members));
      }
      if (next != ',') {
        throw unexpected("after object key:value pair");
      }
      position++;
    }
  }

  private Arr array() throws JsonException {
    enter();
    var values = new ArrayList<JsonValue>();
    if (peekPastSpace() == ']') {
      return leave(new Arr(values));
    }
    while (true) {
      values.add(value());
      var next = peekPastSpace();
      if (next == ']') {
        return leave(new Arr(values));
      }
      if (next != ',') {
        throw unexpected("after array element");
      }
      position++;
    }
  }

  private void enter() throws JsonException {
    position++;
    depth++;
    if (depth > MAX_DEPTH) {
      throw new JsonException("exceeded max depth");
    }
  }

  private <T> T leave(T read) {
    position++;
    depth--;
    return read;
  }

  private JsonValue literal(String word, JsonValue value) throws JsonException {
    for (var i = 0; i < word.length(); i++) {
      if (peek() != word.charAt(i)) {
        throw unexpected("in literal " + word + " (expecting '" + word.charAt(i) + "')");
      }
      position++;
    }
    return value;
  }

  private Num number() throws JsonException {
    var start = position;
    if (peek() == '-') {
      position++;
    }
    if (!isDigit(peek())) {
      throw unexpected("in numeric literal");
    }
    if (peek() == '0') {
      position++;
    } else {
      skipDigits();
    }
    if (!atEnd() && peek() == '.') {
      position++;
      digits("after decimal point in numeric literal");
    }
    if (!atEnd() && (peek() == 'e' || peek() == 'E')) {
      position++;
      if (peek() == '+' || peek() == '-') {
        position++;
      }
      digits("in exponent of numeric literal");
    }
    return new Num(new String(text, start, position - start, StandardCharsets.US_ASCII));
  }

  private void digits(String where) throws JsonException {
    if (!isDigit(peek())) {
      throw unexpected(where);
    }
    skipDigits();
  }

  private void skipDigits() {
    while (!atEnd() && isDigit(text[position])) {
      position++;
    }
  }

  private String string() throws JsonException {
    position++;
    var bytes = new ByteArrayOutputStream();
    while (peek() != '"') {
      var next = peek();
      if (next < ' ') {
        throw unexpected("in string literal");
      }
      position++;
      if (next == '\\') {
        bytes.writeBytes(escape().getBytes(StandardCharsets.UTF_8));
      } else {
        bytes.write(next);
      }
    }
    position++;
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private String escape() throws JsonException {
    var code = peek();
    if (code == 'u') {
      return unicode();
    }
    var at = "\"\\/bfnrt".indexOf(code);
    if (at < 0) {
      throw unexpected("in string escape code");
    }
    position++;
    return "\"\\/\b\f\n\r\t".substring(at, at + 1);
  }

  private String unicode() throws JsonException {
    var first = hex();
    if (Character.isHighSurrogate(first)
        && position + 1 < text.length
        && text[position] == '\\'
        && text[position + 1] == 'u') {
      var back = position;
      position++;
      var second = hex();
      if (Character.isLowSurrogate(second)) {
        return new String(new char[] {first, second});
      }
      position = back;
    }
    return Character.isSurrogate(first) ? "\uFFFD" : String.valueOf(first);
  }

  private char hex() throws JsonException {
    position++;
    var value = 0;
    for (var i = 0; i < HEX_DIGITS; i++) {
      var digit = Character.digit(peek(), 16);
      if (digit < 0) {
        throw unexpected("in \\u hexadecimal character escape");
      }
      value = value * 16 + digit;
      position++;
    }
    return (char) value;
  }

  private int peekPastSpace() throws JsonException {
    skipSpace();
    return peek();
  }

  private int peek() throws JsonException {
    if (atEnd()) {
      throw new JsonException("unexpected EOF");
    }
    return text[position] & 0xff;
  }

  private void skipSpace() {
    while (!atEnd() && " \t\r\n".indexOf(text[position]) >= 0) {
      position++;
    }
  }

  private boolean atEnd() {
    return position >= text.length;
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }

  private JsonException unexpected(String where) {
    var character = (char) (text[position] & 0xff);
    var quoted =
        switch (character) {
          case '\'' -> "'\\''";
          case '"' -> "'\"'";
          case '\\' -> "'\\\\'";
          case '\n' -> "'\\n'";
          case '\r' -> "'\\r'";
          case '\t' -> "'\\t'";
          default ->
              character < ' ' ? String.format("'\\x%02x'", (int) character) : "'" + character + "'";
        };
    return new JsonException("invalid character " + quoted + " " + where);
  }
}
