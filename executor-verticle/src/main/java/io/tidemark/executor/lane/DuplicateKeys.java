package io.tidemark.executor.lane;

import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.plan.KeyRange;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.RowCondition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Looks up some of the keys that the source holds more than once, for the error's message. */
final class DuplicateKeys {
  private static final int MAX_KEYS = 5;

  private DuplicateKeys() {}

  /** Keys as text, each with its number of rows: {@code (17) × 2}. Only of the claim's range. */
  static List<String> sample(Connection source, RefreshPlan plan, Claim claim) throws SQLException {
    var key =
        plan.keyColumns().stream()
            .map(column -> SqlName.quote(column.name()))
            .collect(Collectors.joining(", "));
    var conditions = new ArrayList<String>();
    KeyRange.predicate(plan, claim.lower(), claim.upper()).ifPresent(conditions::add);
    plan.sourceWhere().map(RowCondition::conjunct).ifPresent(conditions::add);
    var where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    var sql =
        "SELECT concat_ws(', ', %s), count(*) FROM %s%s GROUP BY %s HAVING count(*) > 1 LIMIT %d"
            .formatted(key, plan.sourceRelation(), where, key, MAX_KEYS);
    var keys = new ArrayList<String>();
    try (var statement = source.createStatement()) {
      statement.setEscapeProcessing(false);
      try (var rows = statement.executeQuery(sql)) {
        while (rows.next()) {
          keys.add("(%s) × %d".formatted(rows.getString(1), rows.getLong(2)));
        }
      }
    }
    return keys;
  }
}
