package io.tidemark.executor.core;

import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checkpoints that carry nothing but a position, on their way to Postgres: the newest of each
 * VNode, one batch at a time. Not thread-safe.
 *
 * <pre>
 *  submit ─▶ pending ── takeOff ─▶ flying ── landed ─▶ written, or refused
 *               ▲                    │
 *               └──── again ◀────────┘ the statement failed: newer ones take the place of older ones
 * </pre>
 *
 * <p>A checkpoint that carries differences goes its own way, in their transaction. Its number is
 * higher, so that one still on its way here is refused by the statement itself, and is not missed.
 */
public final class PendingPositions {
  private final Map<Integer, Checkpoint> pending = new HashMap<>();
  private final Map<Integer, Checkpoint> flying = new HashMap<>();

  /** VNode to the number of the newest checkpoint that went another way. */
  private final Map<Integer, Long> overtaken = new HashMap<>();

  /** It is to be written. */
  public void submit(Checkpoint checkpoint) {
    pending.put(checkpoint.vnode(), checkpoint);
  }

  /** A checkpoint of this VNode goes another way: what is pending for it is not needed any more. */
  public void overtake(int vnode, long checkpoint) {
    pending.remove(vnode);
    overtaken.put(vnode, checkpoint);
  }

  /** The next batch. Nothing else may be under way. */
  public List<Checkpoint> takeOff() {
    flying.putAll(pending);
    pending.clear();
    return List.copyOf(flying.values());
  }

  /** The statement failed; whether it was carried out, nobody knows. Empty: nothing is left. */
  public List<Checkpoint> again() {
    flying.putAll(pending);
    pending.clear();
    flying.values().removeIf(this::isOvertaken);
    return List.copyOf(flying.values());
  }

  /**
   * The statement was carried out.
   *
   * @param written VNodes that it wrote
   * @return the checkpoints that were fenced
   */
  public List<Checkpoint> landed(List<Checkpoint> batch, Set<Integer> written) {
    flying.clear();
    return batch.stream()
        .filter(each -> !written.contains(each.vnode()) && !isOvertaken(each))
        .toList();
  }

  /** Gives up what is under way. */
  public void abandon() {
    flying.clear();
  }

  /** Gives up what is pending. */
  public void forget() {
    pending.clear();
  }

  /** Whether a checkpoint of this VNode is not durable yet. */
  public boolean isPending(int vnode) {
    return pending.containsKey(vnode) || flying.containsKey(vnode);
  }

  /** VNodes whose checkpoint is not under way yet. */
  public int waiting() {
    return pending.size();
  }

  private boolean isOvertaken(Checkpoint checkpoint) {
    return overtaken.getOrDefault(checkpoint.vnode(), 0L) > checkpoint.checkpoint();
  }
}
