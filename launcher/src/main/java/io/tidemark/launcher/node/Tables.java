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

  /** Fails with all that is wrong with them, a line a problem. */
  static Future<Void> validate(Vertx vertx, String file, List<TableDefinition> tables) {
    var request = new ValidateTables(file, tables.stream().map(TableDefinition::written).toList());
    var options = new DeliveryOptions().setSendTimeout(VALIDATION_TIMEOUT.toMillis());
    return vertx
        .eventBus()
        .<ValidationReply>request(Address.VALIDATE, request, options)
        .compose(
            reply -> {
              var problems = reply.body().problems();
              return problems.isEmpty()
                  ? Future.succeededFuture()
                  : Future.failedFuture(invalid(problems));
            });
  }

  /** Stores them. Those that the home has besides stay, and are named in the log. */
  static Future<Void> store(TableStore store, String file, List<TableDefinition> tables) {
    var stored = Future.<Void>succeededFuture();
    for (var table : tables) {
      stored = stored.compose(before -> store.put(table).mapEmpty());
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
