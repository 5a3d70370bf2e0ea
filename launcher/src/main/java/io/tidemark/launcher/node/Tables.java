package io.tidemark.launcher.node;

import static java.util.stream.Collectors.joining;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.bus.ValidationReply;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.TableStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables of a configuration file on their way into the home. */
final class Tables {
  private static final Logger LOG = LoggerFactory.getLogger(Tables.class);

  /** Above what many sources that do not answer take. */
  private static final Duration VALIDATION_TIMEOUT = Duration.ofMinutes(5);

  private Tables() {}

  /**
   * Fails with all that is wrong with them, a line a problem. Where no executor is there yet they
   * pass: the first refresh finds out.
   */
  static Future<Void> validate(Vertx vertx, String file, List<TableDefinition> tables) {
    var request = new ValidateTables(file, tables.stream().map(TableDefinition::written).toList());
    var options = new DeliveryOptions().setSendTimeout(VALIDATION_TIMEOUT.toMillis());
    return vertx
        .eventBus()
        .<ValidationReply>request(Address.VALIDATE, request, options)
        .map(reply -> reply.body().problems())
        .recover(failure -> unchecked(file, failure))
        .compose(
            problems ->
                problems.isEmpty()
                    ? Future.succeededFuture()
                    : Future.failedFuture(invalid(problems)));
  }

  private static Future<List<ErrorReport>> unchecked(String file, Throwable failure) {
    if (failure instanceof ReplyException reply
        && reply.failureType() == ReplyFailure.NO_HANDLERS) {
      LOG.atWarn()
          .addKeyValue("file", file)
          .log("no executor is there to check the tables: their first refresh will");
      return Future.succeededFuture(List.of());
    }
    return Future.failedFuture(failure);
  }

  /** Stores them. Those that the home has besides stay, and are named in the log. */
  static Future<Void> store(TableStore store, String file, List<TableDefinition> tables) {
    var stored = Future.<Void>succeededFuture();
    for (var table : tables) {
      stored =
          stored.compose(
              before -> store.put(table).recover(error -> named(file, error)).mapEmpty());
    }
    return stored
        .compose(done -> store.all())
        .onSuccess(
            all -> {
              var others = new TreeSet<>(all.stream().map(TableStore.StoredTable::name).toList());
              tables.forEach(table -> others.remove(table.name()));
              if (!others.isEmpty()) {
                LOG.atInfo()
                    .addKeyValue("file", file)
                    .addKeyValue("tables", others)
                    .log("tables of the home that the file does not name stay as they are");
              }
            })
        .mapEmpty();
  }

  private static <T> Future<T> named(String file, Throwable error) {
    return Future.failedFuture(
        error instanceof TidemarkException refused
            ? new TidemarkException(
                ErrorReport.of(refused.code(), file + ": " + refused.report().message())
                    .withHint(refused.report().hint()),
                refused)
            : error);
  }

  private static TidemarkException invalid(List<ErrorReport> problems) {
    if (problems.size() == 1) {
      return new TidemarkException(problems.getFirst());
    }
    var codes = problems.stream().map(ErrorReport::code).distinct().toList();
    var lines =
        problems.stream()
            .map(
                problem ->
                    problem.message() + (problem.hint().isEmpty() ? "" : "; " + problem.hint()))
            .collect(joining("\n"));
    return new TidemarkException(
        ErrorReport.of(codes.size() == 1 ? codes.getFirst() : ErrorCode.CONFIG_INVALID, lines)
            .withHint("Correct them and run the command again: nothing was started."));
  }
}
