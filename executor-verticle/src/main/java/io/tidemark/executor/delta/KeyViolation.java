package io.tidemark.executor.delta;

import io.tidemark.executor.plan.PlannedColumn;
import io.tidemark.executor.plan.RefreshPlan;
import java.sql.SQLException;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/**
 * Tells the key's own unique constraint from others. Read from the error itself: its transaction
 * answers no question any more, and the violated index may be a partition's, under any name.
 */
final class KeyViolation {
  private KeyViolation() {}

  /** Whether an insert failed because the target has a row of its key already. */
  static boolean isIn(SQLException error, RefreshPlan plan) {
    if (!(error instanceof PSQLException refused)
        || !PSQLState.UNIQUE_VIOLATION.getState().equals(refused.getSQLState())) {
      return false;
    }
    var message = refused.getServerErrorMessage();
    return message != null && ofTheInsert(message) && violated(message).equals(key(plan));
  }

  /** A trigger's own statements carry a context. */
  private static boolean ofTheInsert(ServerErrorMessage message) {
    return message.getWhere() == null;
  }

  /** Columns out of {@code (a, "B")=(1, 2)}, in whatever language the rest of it is. */
  private static Set<String> violated(ServerErrorMessage message) {
    var detail = String.valueOf(message.getDetail());
    var start = detail.indexOf('(');
    var end = detail.indexOf(")=(");
    return start < 0 || end < start
        ? Set.of()
        : Set.of(unquoted(detail.substring(start + 1, end)).split(", "));
  }

  private static Set<String> key(RefreshPlan plan) {
    return plan.keyColumns().stream()
        .map(PlannedColumn::name)
        .map(KeyViolation::unquoted)
        .collect(Collectors.toSet());
  }

  private static String unquoted(String names) {
    return names.replace("\"", "");
  }
}
