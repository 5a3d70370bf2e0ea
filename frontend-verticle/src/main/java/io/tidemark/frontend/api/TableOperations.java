package io.tidemark.frontend.api;

import static io.tidemark.common.error.ErrorCode.ALREADY_REFRESHING;
import static io.tidemark.common.error.ErrorCode.CONFIG_INVALID;
import static io.tidemark.common.error.ErrorCode.NOT_FOUND;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.config.ConfigProblem;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.Redaction;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.TableStore;
import io.tidemark.common.home.TableStore.Deletion;
import io.tidemark.common.home.TableStore.StoredTable;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;

/** The tables and their definitions. */
public final class TableOperations {
  private static final String ORIGIN = "request";

  private final TableStore tables;
  private final Leader leader;

  public TableOperations(TableStore tables, Leader leader) {
    this.tables = tables;
    this.leader = leader;
  }

  public void list(RoutingContext request) {
    Answer.json(request, tables.all().map(all -> all.stream().map(TableOperations::view).toList()));
  }

  public void show(RoutingContext request) {
    Answer.json(request, view(Parameters.tableName(request)));
  }

  /** Checks a definition here, then against its source and the home, and stores it. */
  public void put(RoutingContext request) {
    var name = Parameters.tableName(request);
    var table = read(name, request.body().asString());
    Answer.reply(
        request,
        leader
            .validate(new ValidateTables(ORIGIN, List.of(table.written())))
            .compose(
                reply ->
                    reply.problems().isEmpty()
                        ? tables.put(table)
                        : Future.failedFuture(refusal(reply.problems())))
            .compose(isNew -> view(name).map(view -> new Answer.Reply(isNew ? 201 : 200, view))));
  }

  public void delete(RoutingContext request) {
    var name = Parameters.tableName(request);
    Answer.bounded(tables.delete(name))
        .map(
            deletion ->
                switch (deletion) {
                  case Deletion.Deleted done -> done;
                  case Deletion.Missing missing ->
                      throw new TidemarkException(NOT_FOUND, "there is no table " + name);
                  case Deletion.Refreshing active -> throw refreshing(name, active.refreshId());
                })
        .onFailure(request::fail)
        .onSuccess(done -> request.response().setStatusCode(204).end());
  }

  private Future<ObjectNode> view(String name) {
    return tables.find(name).map(found -> view(Answer.found(found, "table " + name)));
  }

  private static ObjectNode view(StoredTable table) {
    try {
      return Json.MAPPER
          .createObjectNode()
          .put("name", table.name())
          .<ObjectNode>set(
              "definition", Json.MAPPER.readTree(Redaction.definition(table.written())))
          .put("createdAt", table.createdAt().toString())
          .put("updatedAt", table.updatedAt().toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a redacted definition is not JSON", e);
    }
  }

  private static TableDefinition read(String name, String body) {
    var problems = new ArrayList<ConfigProblem>();
    var table = ConfigReader.readTable(ORIGIN, named(name, body), problems::add);
    if (table.isEmpty()) {
      throw refusal(problems.stream().map(ConfigProblem::report).toList());
    }
    if (!table.get().name().equals(name)) {
      throw new TidemarkException(
          ErrorReport.of(CONFIG_INVALID, ORIGIN + ": name: is not " + name + ", as the URL says")
              .withHint("Leave the name out of the body, or send it to the URL of its own."));
    }
    return table.get();
  }

  /** The body, with the name that it may leave out, and refused where it was shown redacted. */
  private static String named(String name, String body) {
    try {
      var tree = Json.MAPPER.readTree(body);
      if (holdsMask(tree)) {
        throw new TidemarkException(
            ErrorReport.of(
                    CONFIG_INVALID,
                    ORIGIN + ": holds " + Redaction.MASK + ", which stands for a secret not shown")
                .withHint("Write the password, better as ${env:NAME} or ${file:/path}."));
      }
      return tree instanceof ObjectNode object && !object.has("name")
          ? object.put("name", name).toString()
          : body;
    } catch (JsonProcessingException e) {
      // Without its cause, which quotes the body.
      throw new ProblemException(
          Problem.of(
              400,
              ErrorReport.of(CONFIG_INVALID, "the body is not valid JSON")
                  .withHint("Send one JSON object.")));
    }
  }

  private static boolean holdsMask(JsonNode node) {
    if (node.isTextual()) {
      var text = node.asText();
      return text.equals(Redaction.MASK)
          || text.contains(":" + Redaction.MASK + "@")
          || text.contains("password=" + Redaction.MASK);
    }
    for (var child : node) {
      if (holdsMask(child)) {
        return true;
      }
    }
    return false;
  }

  /** One problem for the first of them, with all of them in it. */
  private static ProblemException refusal(List<ErrorReport> problems) {
    return new ProblemException(Problem.of(problems.getFirst()).with("problems", problems));
  }

  private static ProblemException refreshing(String name, long id) {
    return new ProblemException(
        Problem.of(
                ErrorReport.of(
                    ALREADY_REFRESHING, "table %s is being refreshed (id %d)".formatted(name, id)))
            .with("refreshId", id));
  }
}
