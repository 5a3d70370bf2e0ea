package io.tidemark.frontend.changes;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.frontend.changes.ChangePages.Page;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/**
 * The change feed of a table. It is read batch by batch, by number, and so holds neither a
 * connection nor a transaction while a slow client takes its time; a batch is asked for when the
 * one before has been sent.
 */
public final class ChangeFeed {
  private static final int BATCH_ROWS = 500;
  private static final long BATCH_BYTES = 1 << 20;

  private final ChangePages pages;

  public ChangeFeed(SqlClient home) {
    this.pages = new ChangePages(home);
  }

  /** Where changes go. */
  interface Sink {
    /**
     * Takes changes.
     *
     * @return when there is room for more
     */
    Future<Void> write(List<Change> changes);
  }

  /**
   * One change.
   *
   * @param line as JSON
   */
  record Change(long seq, String line) {}

  /**
   * Reads a table's changes.
   *
   * @param after number of the last change already seen; negative: from the oldest that is kept
   * @param limit how many at most
   * @return when all are written; failed with CHANGES_GONE where some after that number are not
   *     kept any more, also if that happens on the way
   */
  Future<Void> read(String table, long after, int limit, Sink sink) {
    if (limit <= 0) {
      return Future.succeededFuture();
    }
    return pages
        .next(table, after)
        .compose(
            next -> {
              if (next.gone()) {
                return gone(table, after);
              }
              if (next.page().isEmpty()) {
                return Future.succeededFuture();
              }
              var page = next.page().get();
              return read(page, after, limit, sink)
                  .compose(count -> read(table, page.last(), limit - count, sink));
            });
  }

  private Future<Void> gone(String table, long after) {
    return pages
        .newest(table)
        .compose(
            newest ->
                Future.failedFuture(
                    new ProblemException(
                        Problem.of(
                                ErrorReport.of(
                                    ErrorCode.CHANGES_GONE,
                                    "not all changes of table %s after %d are kept any more"
                                        .formatted(table, after)))
                            .with("restartAfter", newest))));
  }

  /** Writes what is new in a page; returns how many changes. */
  private Future<Integer> read(Page page, long after, int limit, Sink sink) {
    return page.loadSeq().isPresent()
        ? load(page, after, sink)
        : pages.shape(page).compose(shape -> differences(page, shape, after, limit, 0, sink));
  }

  private static Future<Integer> load(Page page, long after, Sink sink) {
    var seq = page.loadSeq().getAsLong();
    if (seq <= after) {
      return Future.succeededFuture(0);
    }
    var line = "{\"seq\":%d,\"refresh\":%d,\"op\":\"LOAD\"}".formatted(seq, page.refreshId());
    return sink.write(List.of(new Change(seq, line))).map(1);
  }

  /** Writes a page from a number on; returns how many changes in all. */
  private Future<Integer> differences(
      Page page, ChangePages.Shape shape, long after, int limit, int written, Sink sink) {
    var rows = Math.min(BATCH_ROWS, limit - written);
    if (rows <= 0) {
      return Future.succeededFuture(written);
    }
    return pages
        .batch(page, after, rows, BATCH_BYTES)
        .compose(
            batch -> {
              if (batch.isEmpty()) {
                return Future.succeededFuture(written);
              }
              var changes =
                  batch.stream()
                      .map(
                          row ->
                              new Change(
                                  row.seq(),
                                  row.line(page.refreshId(), shape.columns(), shape.keyColumns())))
                      .toList();
              return sink.write(changes)
                  .compose(
                      room ->
                          differences(
                              page,
                              shape,
                              batch.getLast().seq(),
                              limit,
                              written + batch.size(),
                              sink));
            });
  }
}
