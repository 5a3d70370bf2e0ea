package io.tidemark.suite.simulation.home;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * The home Postgres: its tables, and what was written to them since somebody last looked. Each
 * method of the classes that work on it is one transaction, carried out at one moment.
 */
public final class HomeModel {
  public final Map<String, TableModel> tables = new LinkedHashMap<>();

  /** {@code tidemark.lost_executors}. */
  public final Set<String> lost = new TreeSet<>();

  public final Map<Long, RefreshModel> refreshes = new LinkedHashMap<>();
  public final List<Written> journal = new ArrayList<>();
  public final Counts counts = new Counts();
  public final LeaseRow lease = new LeaseRow();
  private final LongSupplier clock;
  private long refreshIds;
  private long changeSeq;

  /** Makes an empty one, whose {@code clock_timestamp()} is this one's milliseconds. */
  public HomeModel(LongSupplier clock) {
    this.clock = clock;
  }

  /** The row of {@code tidemark.leases}. */
  public static final class LeaseRow {
    public String holder = "";
    public long term;
    public long epoch;
    public long expiresAt = Long.MIN_VALUE;
  }

  /** What happened, so that a test can tell whether the schedules reach what they are for. */
  public static final class Counts {
    public int fenced;
    public int snapshotsLost;
    public int stagingsLost;
    public int restarts;
    public int termsAfterLoss;
    public int released;
    public int setAside;
    public int reopened;
    public int approvals;
    public int failed;
    public int cancelled;
    public int succeeded;
    public int unchanged;
    public int deletesSkipped;
    public int refusedFinishes;
    public int targetsChanged;
  }

  /** The server crashes: Postgres empties all UNLOGGED tables when it starts again. */
  public void crash() {
    for (var refresh : refreshes.values()) {
      if (refresh.staged) {
        refresh.staging = new int[Keys.COUNT];
        refresh.stagingLost = true;
      }
    }
  }

  long clock() {
    return clock.getAsLong();
  }

  long nextSeq() {
    return ++changeSeq;
  }

  public RefreshModel refresh(long id) {
    var refresh = refreshes.get(id);
    if (refresh == null) {
      throw new IllegalArgumentException("no refresh " + id);
    }
    return refresh;
  }

  /** {@code max(id) … WHERE table_name = …}. */
  public Optional<RefreshModel> last(String table) {
    RefreshModel last = null;
    for (var refresh : refreshes.values()) {
      if (refresh.table.name.equals(table)) {
        last = refresh;
      }
    }
    return Optional.ofNullable(last);
  }

  /** Empty where the index {@code refreshes_one_active} refuses it. */
  Optional<RefreshModel> insert(TableModel table, boolean dryRun) {
    if (last(table.name).map(last -> last.state.active()).orElse(false)) {
      return Optional.empty();
    }
    var refresh = new RefreshModel(++refreshIds, table, dryRun);
    refreshes.put(refresh.id, refresh);
    journal.add(new Written.Began(refresh));
    return Optional.of(refresh);
  }
}
