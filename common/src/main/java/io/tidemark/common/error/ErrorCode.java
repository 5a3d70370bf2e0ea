package io.tidemark.common.error;

import static io.tidemark.common.error.ErrorCategory.CONFIG;
import static io.tidemark.common.error.ErrorCategory.CONFLICT;
import static io.tidemark.common.error.ErrorCategory.GUARD;
import static io.tidemark.common.error.ErrorCategory.HOME;
import static io.tidemark.common.error.ErrorCategory.INTERNAL;
import static io.tidemark.common.error.ErrorCategory.SOURCE;

/**
 * Every error a user can meet. A code fixes the category, whether the same request can succeed
 * later without a change by the user, and the remedy that is shown where the site has no better
 * one.
 */
public enum ErrorCode {
  CONFIG_INVALID(CONFIG, false, "Correct the named field and run the command again."),
  SECRET_MISSING(CONFIG, false, "Set the environment variable or create the file that it names."),
  SOURCE_TABLE_MISSING(CONFIG, false, "Check source.table, and that the source's user may see it."),
  KEY_MISSING(CONFIG, false, "Name the key columns with `key: [...]`, or add a primary key."),
  KEY_NULLABLE(CONFIG, false, "Declare the key columns NOT NULL, or choose another key."),
  KEY_TYPE_UNORDERED(
      CONFIG,
      false,
      "Use a key of integers, uuid, date, timestamp, bytea, or text in collation \"C\"."),
  COLUMN_MISSING(CONFIG, false, "Add the column to the target, or list `source.columns`."),
  TYPE_INCOMPATIBLE(CONFIG, false, "Change the target's column type, or leave the column out."),
  TARGET_UNSUITABLE(CONFIG, false, "Change the target, or name another one."),
  TARGET_TAKEN(CONFIG, false, "Name another target, or delete the other table's definition."),
  VISIBILITY_REFUSED(CONFIG, false, "Use `visibility: atomic` for this target."),
  CREDENTIALS_REFUSED(CONFIG, false, "Check user and password."),
  SOURCE_UNREACHABLE(
      SOURCE, true, "What is merged is safe: run the refresh again once the source answers."),
  SOURCE_FAILED(SOURCE, true, "Mend the cause at the source and run the refresh again."),
  SOURCE_KEY_DUPLICATE(SOURCE, false, "Remove the duplicates, or choose a key that is unique."),
  SOURCE_KEY_NULL(
      SOURCE, false, "Fill the key at the source, choose another, or set on-null-key: skip."),
  SOURCE_CHANGED(
      SOURCE, true, "The source changed while it was read; nothing was deleted. Refresh again."),
  SNAPSHOT_LOST(
      SOURCE,
      true,
      "Find what ends long transactions at the source: restarts, transaction_timeout, a proxy."),
  SCHEMA_CHANGED(
      CONFIG,
      false,
      "Bring source and target together again, or name what may change with schema-change."),
  ROW_MALFORMED(SOURCE, false, "Mend the row at the source, or set on-bad-row: quarantine."),
  STAGING_LOST(
      HOME, true, "The home lost what was staged; nothing was deleted. It is loaded again."),
  SOURCE_ORDER_BROKEN(
      SOURCE, false, "Rebuild the key's index at the source (REINDEX), then refresh again."),
  HOME_UNREACHABLE(HOME, true, "What is merged is safe: it goes on once the home answers."),
  HOME_FAILED(HOME, true, "Mend the cause at the home Postgres and run the refresh again."),
  TARGET_CHANGED(
      HOME,
      true,
      "Something else wrote to the target during the refresh. Nothing was applied: refresh again."),
  PLAN_OUTDATED(
      SOURCE,
      true,
      "Source, target or definition changed since it was planned: the next refresh starts anew."),
  ROW_REFUSED(
      HOME, false, "The target refuses a row of the source: change the target or the source."),
  GUARD_TRIPPED(
      GUARD, false, "Look at the source. If the deletes are right, set guard.on-trip: ask."),
  TIMEOUT(SOURCE, true, "Run it again: it goes on where it stopped. Or raise `timeout`."),
  NOT_FOUND(CONFLICT, false, "List what exists with `tidemark status`."),
  CHANGES_GONE(
      CONFLICT, false, "Copy the table from the home, then follow its changes from restartAfter."),
  ALREADY_REFRESHING(CONFLICT, true, "Wait for it, watch it, or cancel it."),
  ILLEGAL_STATE(CONFLICT, false, "Look at its state with `tidemark status`."),
  ALREADY_LED(CONFLICT, true, "Use the command against the server that leads."),
  NO_LEADER(CONFLICT, true, "Try again in a few seconds: no meta leads at the moment."),
  NO_EXECUTOR(
      CONFLICT, true, "Start a node with the executor role, or try again in a few seconds."),
  EXECUTOR_LOST(
      INTERNAL,
      true,
      "See why executors end at this work: their last log lines, their memory. Then run it again."),
  ORIGIN_REFUSED(
      CONFLICT,
      false,
      "Use this server's own pages under its own name, or a client that is no browser."),
  PROTOCOL(CONFLICT, false, "Run the same version of Tidemark on every node."),
  BUG(INTERNAL, false, "Please report this with the log lines around it.");

  private final ErrorCategory category;
  private final boolean retryable;
  private final String hint;

  ErrorCode(ErrorCategory category, boolean retryable, String hint) {
    this.category = category;
    this.retryable = retryable;
    this.hint = hint;
  }

  public ErrorCategory category() {
    return category;
  }

  /** Whether the same request can succeed later without a change by the user. */
  public boolean retryable() {
    return retryable;
  }

  /** What to do next, one sentence. */
  public String hint() {
    return hint;
  }
}
