package io.tidemark.suite.simulation.home;

import java.util.Optional;
import java.util.OptionalLong;

/** Mirrors {@code io.tidemark.meta.Lease}, statement by statement. */
public final class LeaseModel {
  private static final long GIVEN_BACK = Long.MIN_VALUE;

  private final HomeModel home;
  private final long lengthMillis;

  public LeaseModel(HomeModel home, long lengthMillis) {
    this.home = home;
    this.lengthMillis = lengthMillis;
  }

  /** As {@code Lease.Held}. */
  public record Held(long term, boolean clean) {}

  /** ACQUIRE: {@code ON CONFLICT … WHERE l.expires_at <= clock_timestamp()}. */
  public Optional<Held> acquire(String holder) {
    var lease = home.lease;
    if (lease.expiresAt > home.clock()) {
      return Optional.empty();
    }
    var clean = lease.expiresAt == GIVEN_BACK;
    lease.holder = holder;
    lease.term++;
    lease.expiresAt = home.clock() + lengthMillis;
    return Optional.of(new Held(lease.term, clean));
  }

  /** RENEW: {@code WHERE holder = mine AND term = mine AND expires_at > clock_timestamp()}. */
  public OptionalLong renew(String holder, long term) {
    if (!leads(holder, term)) {
      return OptionalLong.empty();
    }
    home.lease.epoch++;
    home.lease.expiresAt = home.clock() + lengthMillis;
    return OptionalLong.of(home.lease.epoch);
  }

  /** GIVE_BACK: {@code WHERE holder = mine AND term = mine}. */
  public void giveBack(String holder, long term) {
    if (home.lease.holder.equals(holder) && home.lease.term == term) {
      home.lease.expiresAt = GIVEN_BACK;
    }
  }

  /** {@code TermFence.LEADER}. */
  boolean leads(String holder, long term) {
    var lease = home.lease;
    return lease.holder.equals(holder) && lease.term == term && lease.expiresAt > home.clock();
  }
}
