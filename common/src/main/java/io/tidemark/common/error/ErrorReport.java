package io.tidemark.common.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tidemark.common.refresh.RefreshStage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error as every face shows it: the same object is the log line, the problem+json body and the
 * CLI's message. Never holds a secret.
 *
 * @param message what failed and where, one sentence
 * @param stage the stage it failed in, null outside a refresh
 * @param vnode the VNode it failed in, null where it concerns no single one
 * @param position the last key merged in that VNode, as text by key column; null at its start
 * @param hint what to do next
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ErrorReport(
    ErrorCode code,
    ErrorCategory category,
    boolean retryable,
    String message,
    @Nullable RefreshStage stage,
    @Nullable Integer vnode,
    @Nullable List<String> position,
    String hint) {

  public static ErrorReport of(ErrorCode code, String message) {
    return new ErrorReport(
        code, code.category(), code.retryable(), message, null, null, null, code.hint());
  }

  public ErrorReport withHint(String better) {
    return new ErrorReport(code, category, retryable, message, stage, vnode, position, better);
  }

  /** The same error, with where in the refresh it happened. */
  public ErrorReport at(
      RefreshStage inStage, @Nullable Integer inVnode, @Nullable List<String> at) {
    return new ErrorReport(code, category, retryable, message, inStage, inVnode, at, hint);
  }
}
