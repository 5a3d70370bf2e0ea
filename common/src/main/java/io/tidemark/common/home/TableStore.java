package io.tidemark.common.home;

import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.Secrets;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Table {@code tidemark.tables}: the definitions as their users wrote them. */
public final class TableStore {
  private static final String SELECT =
      """
      SELECT name, definition::text AS written, created_at, updated_at
        FROM tidemark.tables
      """;

  /**
   * A row that no transaction has updated yet has xmax 0. The time tells when a definition last
   * changed: it stays where the same one is stored again.
   */
  private static final String UPSERT =
      """
      INSERT INTO tidemark.tables AS t (name, definition, target)
      VALUES ($1::text, ($2::text)::jsonb, $3::text)
      ON CONFLICT (name) DO UPDATE
         SET definition = excluded.definition,
             target = excluded.target,
             updated_at = CASE WHEN t.definition = excluded.definition THEN t.updated_at
                               ELSE now() END
      RETURNING t.xmax = 0 AS created
      """;

  private static final String UNIQUE_VIOLATION = "23505";

  /** Index: tables_one_target. */
  private static final String OWNER =
      "SELECT name FROM tidemark.tables WHERE target = $1::text AND name <> $2::text";

  /** Indexes: refreshes_one_active, then tables' primary key. */
  private static final String DELETE =
      """
      WITH active AS (
             SELECT id
               FROM tidemark.refreshes
              WHERE table_name = $1::text
                AND state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')),
           gone AS (
             DELETE FROM tidemark.tables
              WHERE name = $1::text AND NOT EXISTS (SELECT FROM active)
             RETURNING name)
      SELECT (SELECT id FROM active) AS active, EXISTS (SELECT FROM gone) AS deleted
      """;

  private final SqlClient home;
  private final Secrets secrets;

  public TableStore(SqlClient home) {
    this(home, Secrets.ofEnvironment());
  }

  /**
   * @param secrets for placeholders in targets, which must be known to be compared
   */
  TableStore(SqlClient home, Secrets secrets) {
    this.home = home;
    this.secrets = secrets;
  }

  /**
   * A stored definition.
   *
   * @param written JSON object as the user wrote it, see {@link TableDefinition#written}; its
   *     secrets are unresolved, but may stand in it: show it through {@link
   *     io.tidemark.common.config.Redaction#definition}
   */
  public record StoredTable(String name, String written, Instant createdAt, Instant updatedAt) {
    /**
     * The definition that it holds.
     *
     * @throws TidemarkException CONFIG_INVALID where it cannot be read here, for one because a
     *     placeholder in a number names a variable that this node lacks
     */
    public TableDefinition definition() {
      return ConfigReader.readTable("table " + name, written);
    }

    /** Without what might hold a secret. */
    @Override
    public String toString() {
      return "StoredTable[" + name + "]";
    }
  }

  /** What came of a request to delete a table. */
  public sealed interface Deletion {
    /** The definition is gone; the target and the history stay. */
    record Deleted() implements Deletion {}

    /** There is no table of that name. */
    record Missing() implements Deletion {}

    /** Nothing is deleted: this refresh of it is active. */
    record Refreshing(long refreshId) implements Deletion {}
  }

  /** All tables, by name. */
  public Future<List<StoredTable>> all() {
    return select(SELECT + " ORDER BY name", Tuple.tuple());
  }

  /** One table; empty where there is none of that name. */
  public Future<Optional<StoredTable>> find(String name) {
    return select(SELECT + " WHERE name = $1::text", Tuple.of(name))
        .map(tables -> tables.stream().findFirst());
  }

  /**
   * Stores a definition, in place of the one of the same name. A refresh under way keeps the
   * definition that it began with. Failed with TARGET_TAKEN where another table has its target:
   * each of them would take the other's rows for differences.
   *
   * @return whether it is new
   */
  public Future<Boolean> put(TableDefinition table) {
    QualifiedName target;
    try {
      target =
          QualifiedName.parse(
              secrets.resolve("table " + table.name() + ": target", table.target()));
    } catch (TidemarkException e) {
      return Future.failedFuture(e);
    }
    return home.preparedQuery(UPSERT)
        .execute(Tuple.of(table.name(), table.written(), target.quoted()))
        .map(rows -> rows.iterator().next().getBoolean("created"))
        .recover(
            error ->
                error instanceof PgException refused
                        && UNIQUE_VIOLATION.equals(refused.getSqlState())
                    ? taken(table.name(), target)
                    : Future.failedFuture(error));
  }

  private <T> Future<T> taken(String name, QualifiedName target) {
    return home.preparedQuery(OWNER)
        .execute(Tuple.of(target.quoted(), name))
        .compose(
            rows -> {
              var owner = rows.size() == 0 ? "another" : rows.iterator().next().getString("name");
              return Future.failedFuture(new TidemarkException(taken(name, target, owner)));
            });
  }

  private static ErrorReport taken(String name, QualifiedName target, String owner) {
    return ErrorReport.of(
            ErrorCode.TARGET_TAKEN,
            "table %s: target: %s is the target of table %s already".formatted(name, target, owner))
        .withHint(
            "Name another target, or first delete the definition of %s: DELETE /api/v1/tables/%s at a server, or in the home DELETE FROM tidemark.tables WHERE name = %s."
                .formatted(owner, owner, SqlName.literal(owner)));
  }

  /** Deletes a definition, unless a refresh of the table is active. */
  public Future<Deletion> delete(String name) {
    return home.preparedQuery(DELETE)
        .execute(Tuple.of(name))
        .map(rows -> deletion(rows.iterator().next()));
  }

  private static Deletion deletion(Row row) {
    var active = row.getLong("active");
    if (active != null) {
      return new Deletion.Refreshing(active);
    }
    return row.getBoolean("deleted") ? new Deletion.Deleted() : new Deletion.Missing();
  }

  private Future<List<StoredTable>> select(String sql, Tuple parameters) {
    return home.preparedQuery(sql)
        .execute(parameters)
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false).map(TableStore::table).toList());
  }

  private static StoredTable table(Row row) {
    return new StoredTable(
        row.getString("name"),
        row.getString("written"),
        row.getOffsetDateTime("created_at").toInstant(),
        row.getOffsetDateTime("updated_at").toInstant());
  }
}
