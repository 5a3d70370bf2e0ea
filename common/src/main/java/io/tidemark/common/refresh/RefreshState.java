package io.tidemark.common.refresh;

/**
 * State of a refresh.
 *
 * <pre>
 *  REFRESHING ──▶ AWAITING_APPROVAL ──approve──▶ FINISHING ──▶ SUCCEEDED
 *      │  └──────────────────────────────────────▲   │
 *      │                 └─reject──▶ REJECTED         │
 *      ├─cancel────▶ CANCELLED ◀──────────────────────┤  (until its one transaction commits)
 *      └─error─────▶ FAILED    ◀──────────────────────┘
 *  FAILED (retryable) ──next request──▶ REFRESHING
 * </pre>
 */
public enum RefreshState {
  REFRESHING,
  AWAITING_APPROVAL,
  FINISHING,
  SUCCEEDED,
  FAILED,
  CANCELLED,
  REJECTED;

  /** Whether it holds its table's single active place. */
  public boolean active() {
    return switch (this) {
      case REFRESHING, AWAITING_APPROVAL, FINISHING -> true;
      case SUCCEEDED, FAILED, CANCELLED, REJECTED -> false;
    };
  }
}
