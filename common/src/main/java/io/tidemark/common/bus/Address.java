package io.tidemark.common.bus;

/** Addresses on the event bus. What is published may be lost; what is requested gets a reply. */
public final class Address {
  /** Published by the leader: a {@link Barrier}. */
  public static final String BARRIER = "tidemark.barrier";

  /** Sent to the leader: a {@link BarrierAck}. */
  public static final String ACK = "tidemark.ack";

  /** Sent to the leader: a {@link RefreshNews}, a hint to look into Postgres at once. */
  public static final String NEWS = "tidemark.news";

  /** Requested from the leader: a {@link Command}, answered by a {@link CommandReply}. */
  public static final String COMMAND = "tidemark.command";

  /** Requested from any executor: {@link ValidateTables}, answered by {@link ValidationReply}. */
  public static final String VALIDATE = "tidemark.validate";

  /** Published by the leader: a {@link ProgressNews}. */
  public static final String PROGRESS = "tidemark.progress";

  /** Requested from the leader: {@link ListExecutors}, answered by {@link ExecutorList}. */
  public static final String EXECUTORS = "tidemark.executors";

  private Address() {}
}
