package io.tidemark.launcher.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCategory;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A problem+json body of the server.
 *
 * @param refreshId the refresh that stands in the way, if one does
 * @param problems all that is wrong, where it is more than one thing
 */
record ProblemJson(ErrorReport error, OptionalLong refreshId, List<ErrorReport> problems) {
  ProblemJson {
    problems = List.copyOf(problems);
  }

  /** What a body says; empty where it is no problem of Tidemark. */
  static Optional<ProblemJson> read(String body) {
    try {
      var json = Json.MAPPER.readTree(body);
      if (!json.path("code").isTextual() || !json.path("detail").isTextual()) {
        return Optional.empty();
      }
      var all = new ArrayList<ErrorReport>();
      json.path("problems").forEach(problem -> all.add(report(problem, "message")));
      var refreshId = json.path("refreshId");
      return Optional.of(
          new ProblemJson(
              report(json, "detail"),
              refreshId.canConvertToLong()
                  ? OptionalLong.of(refreshId.longValue())
                  : OptionalLong.empty(),
              all));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** One report of all of it: a line a problem, and the hint that fits them. */
  ErrorReport report() {
    if (refreshId.isPresent()) {
      return error.withHint(
          "`tidemark watch %1$d` shows it, `tidemark cancel %1$d` ends it."
              .formatted(refreshId.getAsLong()));
    }
    if (problems.size() < 2) {
      return problems.isEmpty() ? error : problems.getFirst();
    }
    var lines = problems.stream().map(it -> it.message() + "; " + it.hint()).toList();
    return new ErrorReport(
        error.code(),
        error.category(),
        error.retryable(),
        String.join("\n", lines),
        null,
        null,
        null,
        "");
  }

  /** A newer server may know codes that this command does not. */
  private static ErrorReport report(JsonNode json, String message) {
    var code = known(ErrorCode.values(), json.path("code")).orElse(ErrorCode.PROTOCOL);
    return new ErrorReport(
        code,
        known(ErrorCategory.values(), json.path("category")).orElse(code.category()),
        json.path("retryable").asBoolean(code.retryable()),
        json.path(message).asText(),
        null,
        null,
        null,
        json.path("hint").asText(code.hint()));
  }

  private static <E extends Enum<E>> Optional<E> known(E[] values, JsonNode name) {
    return Arrays.stream(values).filter(it -> it.name().equals(name.asText())).findFirst();
  }
}
