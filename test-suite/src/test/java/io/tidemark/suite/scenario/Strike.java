package io.tidemark.suite.scenario;

import java.util.List;

/** Where a refresh's executor is killed with SIGKILL. */
enum Strike {
  /** Nowhere. */
  PLAIN(0, ""),
  LOADING(
      4_711, "SELECT owner FROM tidemark.refresh_splits WHERE NOT is_completed AND refresh_id = "),
  MERGING(
      4_712,
      "SELECT owner FROM tidemark.refresh_progress WHERE NOT is_completed AND refresh_id = "),
  FINISHING(4_713, "SELECT work_owner AS owner FROM tidemark.refreshes WHERE id = ");

  static final List<Strike> ALL = List.of(values());

  private final int lock;
  private final String owners;

  Strike(int lock, String owners) {
    this.lock = lock;
    this.owners = owners;
  }

  /** Number of the lock for which everybody waits who gets there. */
  int lock() {
    return lock;
  }

  /** SQL for those who are there. */
  String owners(long refresh) {
    return "SELECT split_part(owner, '-', 1) FROM (%s%d) o WHERE owner IS NOT NULL"
        .formatted(owners, refresh);
  }
}
