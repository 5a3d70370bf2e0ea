package io.tidemark.meta;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Command;

/** What a leader that is not on this bus is to hear, by way of the home. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(Letter.Acknowledged.class),
  @JsonSubTypes.Type(Letter.News.class),
  @JsonSubTypes.Type(Letter.Asked.class),
  @JsonSubTypes.Type(Letter.WhoWorks.class)
})
sealed interface Letter {
  /** An executor answered a barrier. */
  record Acknowledged(BarrierAck ack) implements Letter {}

  /** Something about this refresh changed in Postgres. */
  record News(long refreshId) implements Letter {}

  /**
   * A person asks; answered by a {@link io.tidemark.common.bus.CommandReply}.
   *
   * @param question names the answer
   */
  record Asked(String question, Command command) implements Letter {}

  /**
   * Answered by an {@link io.tidemark.common.bus.ExecutorList}.
   *
   * @param question names the answer
   */
  record WhoWorks(String question) implements Letter {}
}
