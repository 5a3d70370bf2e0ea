package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** That reading ends with an error that says what is wrong. */
final class Refused {
  private Refused() {}

  static void with(ErrorCode code, ThrowingCallable reading, String... says) {
    var error = catchThrowableOfType(TidemarkException.class, reading);
    assertThat(error).isNotNull();
    assertThat(error.code()).as(error.report().message()).isEqualTo(code);
    assertThat(error.report().message()).contains(says);
  }
}
