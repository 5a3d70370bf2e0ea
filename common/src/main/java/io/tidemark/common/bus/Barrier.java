package io.tidemark.common.bus;

import java.util.List;

/**
 * What the leader publishes every interval, and at once where something changed. Level-triggered:
 * it carries what should be true now for every active refresh, so that a lost, doubled or late
 * barrier never changes a result. An executor ignores a barrier whose (term, epoch) is not above
 * the last.
 *
 * @param term of the leader
 * @param epoch rises by one with each barrier, also from term to term
 */
public record Barrier(long term, long epoch, List<Mutation> mutations) {
  public Barrier {
    mutations = List.copyOf(mutations);
  }
}
