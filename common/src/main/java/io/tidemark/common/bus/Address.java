package io.tidemark.common.bus;

/** Addresses on the event bus. What is published may be lost; what is requested gets a reply. */
public final class Address {
  /** Published by the leader: a {@link Barrier}. */
  public static final String BARRIER = "tidemark.barrier";

  /** Published for the leader: a {@link BarrierAck}. */
  public static final String ACK = "tidemark.ack";

  /** Published for the leader: a {@link RefreshNews}, a hint to look into Postgres at once. */
  public static final String NEWS = "tidemark.news";

  /** Requested from any executor: {@link ValidateTables}, answered by {@link ValidationReply}. */
  public static final String VALIDATE = "tidemark.validate";

  /** Published by the leader: a {@link ProgressNews}. */
  public static final String PROGRESS = "tidemark.progress";

  /**
   * Published on its own node only: a {@link NodeLeft}, a hint that the cluster lost one of its
   * nodes.
   */
  public static final String NODE_LEFT = "tidemark.node-left";

  private Address() {}

  /**
   * Requested from the leader of a term: a {@link Command}, answered by a {@link CommandReply}. The
   * term keeps requests from one that does not know yet that it leads no more.
   */
  public static String command(long term) {
    return "tidemark.command." + term;
  }

  /**
   * Requested from the leader of a term: {@link ListExecutors}, answered by {@link ExecutorList}.
   */
  public static String executors(long term) {
    return "tidemark.executors." + term;
  }
}
