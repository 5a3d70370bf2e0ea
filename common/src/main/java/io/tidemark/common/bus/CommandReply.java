package io.tidemark.common.bus;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tidemark.common.error.ErrorReport;
import org.jspecify.annotations.Nullable;

/** The leader's answer to a {@link Command}; given when the result is durable. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(CommandReply.Done.class),
  @JsonSubTypes.Type(CommandReply.Refused.class)
})
public sealed interface CommandReply {
  /**
   * Done.
   *
   * @param resumed a Request found a failed refresh and goes on with it
   */
  record Done(long refreshId, boolean resumed) implements CommandReply {}

  /**
   * Not done, nothing changed.
   *
   * @param runningId the active refresh that stands in the way, null where none does
   */
  record Refused(ErrorReport error, @Nullable Long runningId) implements CommandReply {}
}
