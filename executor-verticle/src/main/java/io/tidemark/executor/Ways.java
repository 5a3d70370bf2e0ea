package io.tidemark.executor;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.SourceDefinition.StagedSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.refresh.Consistency;
import io.tidemark.executor.delta.DeltaRestart;
import io.tidemark.executor.lane.BarrierClock;
import io.tidemark.executor.lane.LaneContext;
import io.tidemark.executor.lane.ProgressWriter;
import io.tidemark.executor.lane.Throttle;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.snapshot.SourceSnapshot;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.postgres.PostgresConnector;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes what a planned refresh needs on this executor to get from its source to what differs; opens
 * nothing yet.
 *
 * @param writer that positions go through
 * @param fenced called for each write that was refused
 * @param planned what the refresh is once it has a plan, for whoever finds its snapshot lost
 */
record Ways(
    long refreshId,
    ExecutorSettings settings,
    BarrierClock barriers,
    ProgressWriter writer,
    Throttle throttle,
    Runnable fenced,
    Supplier<RefreshableMaterializeArgs> planned) {
  /** A refresh that has a plan. */
  record Known(RefreshableMaterializeArgs args, WayThrough way) {}

  /**
   * As it was stored, or planned just now.
   *
   * @param reader of a plan that was made here: becomes the keeper of the snapshot
   */
  Known of(RefreshWork.Row row, RefreshPlan plan, Optional<Reader> reader) {
    var definition = settings.definitions().apply(row.definition());
    if (plan.staged().isPresent()) {
      return staged(row, definition, plan, connector(definition));
    }
    var shared =
        new SourceSnapshot(
            refreshId,
            settings.executorId(),
            source(definition),
            settings.home(),
            definition,
            definition.consistency(),
            this::restart);
    reader.ifPresent(shared::keep);
    var args = new RefreshableMaterializeArgs(refreshId, definition, row.visibility(), plan);
    return new Known(
        args, new StreamedWay(context(args, definition.vnodes()), shared, settings.work().lanes()));
  }

  /** Likewise, of a source that is read by this connector. */
  Known staged(
      RefreshWork.Row row, TableDefinition definition, RefreshPlan plan, Connector connector) {
    var args = new RefreshableMaterializeArgs(refreshId, definition, row.visibility(), plan);
    var pieces = plan.staged().orElseThrow().version().splits().size();
    return new Known(
        args,
        new StagedWay(
            context(args, pieces),
            context(args, definition.vnodes()),
            connector,
            settings.work().lanes()));
  }

  Connector connector(TableDefinition definition) {
    return switch (definition.source()) {
      case PostgresSource postgres -> {
        var address = settings.sources().apply(postgres);
        // A place in a heap means nothing in another snapshot: its loss is always the whole load's.
        var shared =
            new SourceSnapshot(
                refreshId,
                settings.executorId(),
                address,
                settings.home(),
                definition,
                Consistency.STRICT,
                (home, fresh) -> new LoadRestart(planned.get()).from(home, postgres, fresh));
        yield new PostgresConnector(
            definition,
            postgres,
            new SharedSnapshot(
                shared,
                () ->
                    SourceSnapshot.first(
                        address, definition, "tidemark " + refreshId + " keeper")));
      }
      case StagedSource staged -> settings.connectors().apply(definition);
    };
  }

  private void restart(Connection home, Reader fresh) throws SQLException {
    var args = planned.get();
    DeltaRestart.restart(home, refreshId, args.plan(), args.progressive());
  }

  private PostgresAddress source(TableDefinition definition) {
    return settings
        .sources()
        .apply(
            switch (definition.source()) {
              case PostgresSource postgres -> postgres;
              case StagedSource staged -> throw new IllegalStateException("staged");
            });
  }

  /**
   * @param pieces that lanes claim, about
   */
  private LaneContext context(RefreshableMaterializeArgs args, int pieces) {
    return new LaneContext(
        args,
        settings.executorId(),
        settings.home(),
        new RefreshProgressTable(refreshId),
        writer,
        throttle,
        barriers,
        LaneContext.holdFor(settings.work().retryFor()),
        settings.work().chunkRows(),
        LaneContext.claimSize(pieces, settings.work().lanes()),
        fenced);
  }
}
