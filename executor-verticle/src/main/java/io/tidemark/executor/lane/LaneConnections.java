package io.tidemark.executor.lane;

import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.merge.CopyBlocks;
import io.tidemark.executor.merge.RowBlocks;
import io.tidemark.executor.merge.Rows;
import io.tidemark.executor.plan.KeyRange;
import io.tidemark.executor.plan.PlannedColumn;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.RowCondition;
import io.tidemark.executor.snapshot.SourceSnapshot;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A lane's own connections: one reads the source's snapshot, one reads the target, one writes.
 * Opened when first needed, all dropped together after any error. {@link #abort} may be called from
 * another thread, to wake a lane that waits for a silent server.
 */
final class LaneConnections implements AutoCloseable {
  private final LaneContext context;
  private final SourceSnapshot snapshot;
  private final String lane;
  private volatile @Nullable Reader source;
  private final ServerWait waiting = new ServerWait();
  private final HomeConnection target;
  private final HomeConnection writer;

  LaneConnections(LaneContext context, SourceSnapshot snapshot, String lane) {
    this.context = context;
    this.snapshot = snapshot;
    this.lane = lane;
    this.target = new HomeConnection(context, lane + " target", waiting);
    this.writer = new HomeConnection(context, lane + " writer", waiting);
  }

  /**
   * The two streams of one VNode, from where it stands.
   *
   * @param snapshot number of the snapshot that the source's is read in
   */
  record Streams(Rows source, Rows target, int snapshot) {}

  /** The number of the snapshot that this lane reads, opened where it is not yet. */
  int snapshotNumber() throws SQLException {
    return reader().number();
  }

  Streams open(Claim claim) throws SQLException {
    var plan = context.args().plan();
    var reading = reader();
    var range = KeyRange.predicate(plan, claim.position().or(claim::lower), claim.upper());
    var columns = plan.columns().size();
    var source = Side.SOURCE.call(() -> open(from(reading), sourceCopy(plan, range)));
    if (plan.firstLoad()) {
      return new Streams(
          Rows.of(Side.SOURCE.watch(source), columns), Rows.none(), reading.number());
    }
    var compared = Side.HOME.call(() -> open(target.peer(), targetCopy(plan, range)));
    return new Streams(
        Rows.of(Side.SOURCE.watch(source), columns),
        Rows.of(Side.HOME.watch(compared), columns),
        reading.number());
  }

  /** Each statement its own transaction until told otherwise. */
  <T> T write(HomeConnection.Writing<T> work) throws SQLException {
    return writer.write(work);
  }

  /** What this lane waits for, to be watched from another thread. */
  ServerWait waiting() {
    return waiting;
  }

  private RowBlocks open(Peer peer, String copy) throws SQLException {
    return waiting.watch(
        peer, waiting.during(peer, () -> CopyBlocks.open(peer.connection(), copy)));
  }

  private Peer from(Reader reader) {
    return new Peer(reader.connection(), snapshot.source(), reader.process());
  }

  /** The source's connection, for a look at what went wrong. Its transaction may be broken. */
  Connection freshSource() throws SQLException {
    return snapshot.open(lane + " sample").connection();
  }

  /** Drops the connection to the source: the next one opened reads the newest snapshot. */
  void leaveSnapshot() {
    var reader = source;
    source = null;
    if (reader != null) {
      from(reader).abort();
    }
  }

  /** Cuts all connections, at once and without a word to the servers. */
  void abort() {
    leaveSnapshot();
    target.abort();
    writer.abort();
  }

  @Override
  public void close() {
    abort();
  }

  /** Index: the source's index on the key. */
  private static String sourceCopy(RefreshPlan plan, Optional<String> range) {
    var conditions = new ArrayList<String>();
    range.ifPresent(conditions::add);
    plan.sourceWhere().map(RowCondition::conjunct).ifPresent(conditions::add);
    return copy(plan, plan.sourceRelation(), PlannedColumn::sourceExpression, conditions);
  }

  /** Index: the target's unique index on the key. */
  private static String targetCopy(RefreshPlan plan, Optional<String> range) {
    return copy(
        plan,
        SqlName.quote(plan.targetSchema(), plan.targetName()),
        PlannedColumn::targetExpression,
        range.stream().toList());
  }

  private static String copy(
      RefreshPlan plan,
      String relation,
      Function<PlannedColumn, String> expression,
      List<String> conditions) {
    var columns = plan.columns().stream().map(expression).collect(Collectors.joining(", "));
    // Qualified, so that it means the column and not the output of a cast of the same name.
    var order =
        plan.keyColumns().stream()
            .map(column -> relation + "." + SqlName.quote(column.name()))
            .collect(Collectors.joining(", "));
    var where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    return "COPY (SELECT %s FROM %s%s ORDER BY %s) TO STDOUT (FORMAT binary)"
        .formatted(columns, relation, where, order);
  }

  private Reader reader() throws SQLException {
    var reader = source;
    if (reader == null) {
      reader = Side.SOURCE.call(() -> snapshot.open(lane));
      source = reader;
    }
    return reader;
  }
}
