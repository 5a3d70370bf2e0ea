package io.tidemark.suite.simulation;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.suite.simulation.home.RefreshModel;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/** A real home and its model, which do the same random operations. */
final class TwoHomes implements AutoCloseable {
  /** What {@link #reached} says of a refresh that read nothing. */
  static final String UNREAD = "UNREAD";

  private final Pair pair;
  private final LeaderSteps leader;
  private final WorkSteps work;
  private final SplitSteps splits;
  private final VNodeSteps vnodes;
  private final Set<String> reached = new HashSet<>();
  private int effective;

  TwoHomes(PostgresAddress address, long seed) throws SQLException {
    pair = new Pair(address, seed);
    leader = new LeaderSteps(pair);
    work = new WorkSteps(pair);
    splits = new SplitSteps(pair);
    vnodes = new VNodeSteps(pair);
  }

  /** A mistake, to be found. */
  void forgetGenerations() {
    pair.forgetGenerations();
  }

  /** The last operations, and how they went. */
  String history() {
    return pair.history();
  }

  /** Operations that changed something. */
  int effective() {
    return effective;
  }

  Set<String> reached() {
    return reached;
  }

  /** All rows of the real home, as text. */
  List<String> real() throws SQLException {
    return pair.real();
  }

  /** Likewise of the model. */
  List<String> model() {
    return pair.modelled();
  }

  /** One random operation on both. */
  void operate() throws Exception {
    var before = model();
    var last = pair.model.last(Pair.TABLE);
    var kind = pair.chance.between(0, 9);
    if (last.isEmpty() || kind == 0) {
      leader.lead();
    } else if (pair.chance.chance(0.3) && goOn(last.get())) {
      pair.note("which brings it on");
    } else if (kind <= 2) {
      leader.decide(last.get());
    } else if (kind <= 4 || !last.get().planned) {
      work.work(last.get());
    } else if (last.get().staged && pair.chance.chance(last.get().loaded ? 0.3 : 0.8)) {
      splits.splits(last.get());
    } else {
      vnodes.progress(last.get());
    }
    pair.requireAgreement();
    effective += model().equals(before) ? 0 : 1;
    pair.model.last(Pair.TABLE).ifPresent(this::reach);
  }

  private void reach(RefreshModel refresh) {
    reached.add(refresh.state.name());
    if (refresh.unchanged > 0) {
      reached.add(UNREAD);
    }
  }

  /** What brings it nearer to its end: by chance alone few would get there. False: nothing does. */
  private boolean goOn(RefreshModel refresh) throws Exception {
    if (refresh.state == RefreshState.FINISHING && pair.chance.chance(0.5)) {
      work.claimFinishing(refresh, "e1");
    } else if (refresh.state == RefreshState.FINISHING) {
      work.succeed(refresh, pair.workGeneration);
    } else if (refresh.state == RefreshState.REFRESHING
        && !refresh.planned
        && refresh.table.held != null) {
      work.claimPlanning(refresh, "e1");
      work.endUnread(refresh, pair.workGeneration, refresh.table.held.content);
    } else if (refresh.planned && refresh.staged && !refresh.loaded) {
      splits.loadSome(refresh);
    } else if (refresh.planned && refresh.completed() == refresh.vnodes.size()) {
      leader.finish(refresh);
    } else if (refresh.planned && refresh.state == RefreshState.REFRESHING) {
      vnodes.completeSome(refresh);
    } else {
      return false;
    }
    return true;
  }

  @Override
  public void close() throws SQLException, TimeoutException {
    pair.close();
  }
}
