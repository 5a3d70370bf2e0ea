package io.tidemark.common.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PercentEncoding;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Takes secrets out of what is shown. Placeholders stay: they say where a secret is, not what. */
public final class Redaction {
  /** Stands in a secret's place. */
  public static final String MASK = "***";

  /** Up to the last @: a password that is not percent-encoded may hold one, and a slash. */
  private static final Pattern URL_PASSWORD =
      Pattern.compile("(://(?:\\$\\{[^}]*}|[^:/?#@\\s])*+:)(\\S*)(?=@)");

  private static final Pattern OPTION_PASSWORD =
      Pattern.compile("(?i)([?&][^=&\\s]*password=)((?:\\$\\{[^}]*}|[^&\\s])*)");

  /** As drivers write options that Postgres has not: after semicolons, and under other names. */
  private static final Pattern OPTION_SECRET =
      Pattern.compile(
          "(?i)([?&;][^=&;\\s]*(?:passw(?:or)?d|pwd|secret|token|passphrase|access_?key)=)"
              + "((?:\\$\\{[^}]*}|\\{[^}]*}|[^&;\\s])*)");

  /** {@code jdbc:oracle:thin:user/password@…} */
  private static final Pattern ORACLE_PASSWORD =
      Pattern.compile("(jdbc:oracle:[a-z]+:[^/@\\s]*/(?!/))([^\\s]*)(?=@)");

  private Redaction() {}

  /**
   * A table definition as it may be shown.
   *
   * @param json an object in the shape of {@link TableDefinition#written}
   * @return the same without passwords: those of fields, and those within URLs
   */
  public static String definition(String json) {
    try {
      return Json.MAPPER.writeValueAsString(node("", Json.MAPPER.readTree(json)));
    } catch (JsonProcessingException e) {
      // Without its cause, which quotes the text.
      throw new TidemarkException(ErrorCode.BUG, "a stored table definition is not JSON");
    }
  }

  /** A URL, or a text that holds some, without the passwords in them. */
  public static String url(String text) {
    return mask(
        OPTION_SECRET, mask(OPTION_PASSWORD, mask(ORACLE_PASSWORD, mask(URL_PASSWORD, text))));
  }

  /**
   * A driver's message without the secrets that it might quote, written plainly or as in a URL.
   *
   * @param secrets resolved values; empty ones are left out
   */
  public static String redact(String text, Collection<String> secrets) {
    var forms =
        secrets.stream()
            .filter(secret -> !secret.isEmpty())
            .flatMap(secret -> Stream.of(secret, PercentEncoding.encode(secret)))
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .map(Pattern::quote)
            .toList();
    // One pass over all forms: a short secret never cuts into a mask already set.
    var masked = forms.isEmpty() ? text : text.replaceAll(String.join("|", forms), MASK);
    return url(masked);
  }

  private static JsonNode node(String field, JsonNode value) {
    return switch (value) {
      case ObjectNode object -> {
        var shown = Json.MAPPER.createObjectNode();
        object
            .properties()
            .forEach(entry -> shown.set(entry.getKey(), node(entry.getKey(), entry.getValue())));
        yield shown;
      }
      case ArrayNode array -> {
        var shown = Json.MAPPER.createArrayNode();
        array.forEach(item -> shown.add(node(field, item)));
        yield shown;
      }
      default -> scalar(field, value);
    };
  }

  private static JsonNode scalar(String field, JsonNode value) {
    var name = field.toLowerCase(Locale.ROOT);
    if (name.contains("password") || name.contains("secret") || name.contains("token")) {
      return value.isNull() || Placeholder.isAll(value.asText()) ? value : TextNode.valueOf(MASK);
    }
    return value.isTextual() ? TextNode.valueOf(url(value.asText())) : value;
  }

  private static String mask(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .replaceAll(
            found -> {
              var secret = found.group(2);
              var shown = secret.isEmpty() || Placeholder.isAll(secret) ? secret : MASK;
              return Matcher.quoteReplacement(found.group(1) + shown);
            });
  }
}
