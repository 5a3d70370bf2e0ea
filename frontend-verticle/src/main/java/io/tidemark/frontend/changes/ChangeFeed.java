package io.tidemark.frontend.changes;

import io.tidemark.frontend.changes.ChangePages.Page;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
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
   * @param after number of the last change already seen
   * @param limit how many at most
   * @return when all are written
   */
  Future<Void> read(String table, long after, int limit, Sink sink) {
    return pages
        .of(table)
        .compose(
            all -> {
              var present = new ArrayList<>(all);
              return firstAfter(present, after, 0, present.size())
                  .compose(first -> read(present, first, after, limit, sink));
            });
  }

  /** Index of the first page with a change above a number: numbers rise from page to page. */
  private Future<Integer> firstAfter(List<Page> all, long after, int low, int high) {
    if (low >= high) {
      return Future.succeededFuture(low);
    }
    var middle = (low + high) >>> 1;
    return pages
        .last(all.get(middle))
        .compose(
            last -> {
              if (last.isEmpty()) {
                all.remove(middle);
                return firstAfter(all, after, low, high - 1);
              }
              return last.getAsLong() <= after
                  ? firstAfter(all, after, middle + 1, high)
                  : firstAfter(all, after, low, middle);
            });
  }

  private Future<Void> read(List<Page> all, int index, long after, int limit, Sink sink) {
    if (index >= all.size() || limit <= 0) {
      return Future.succeededFuture();
    }
    var page = all.get(index);
    var written =
        page.loadSeq().isPresent()
            ? load(page, after, sink)
            : pages.shape(page).compose(shape -> differences(page, shape, after, limit, 0, sink));
    return written.compose(count -> read(all, index + 1, after, limit - count, sink));
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
