package io.tidemark.common.bus;

/**
 * Version of what nodes say to each other: messages, and what stands in the control schema. Raised
 * by every change that a node of the version before would misunderstand.
 */
public final class Protocol {
  public static final int VERSION = 2;

  private Protocol() {}
}
