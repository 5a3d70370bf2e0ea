package io.tidemark.launcher.sync;

import static java.util.stream.Collectors.joining;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.RefreshState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The active refreshes of the home as a sync finds them, before it leads.
 *
 * <p>A leader leads all of them, also those of tables that the command does not name: an
 * interrupted refresh was asked for, and nothing stays REFRESHING for ever. So {@code sync TABLE}
 * goes on with others too while it runs, and leaves them resumable when it ends. Only a dry run
 * must not: it promises to apply nothing, and is refused where leading would.
 */
record Unfinished(List<Refresh> refreshes) {
  /** Index: refreshes_one_active. */
  private static final String ACTIVE =
      """
      SELECT id, table_name, state, dry_run, approved, paused
        FROM tidemark.refreshes
       WHERE state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
       ORDER BY id
      """;

  Unfinished {
    refreshes = List.copyOf(refreshes);
  }

  /**
   * One that has not ended.
   *
   * @param isLook a dry run that nobody has approved
   * @param approved is applied at its end, whatever the guard says
   */
  record Refresh(
      long id, String table, RefreshState state, boolean isLook, boolean approved, boolean paused) {
    /** Whether a leader alone, without a person, brings it to its end. */
    private boolean goesOn() {
      return state != RefreshState.AWAITING_APPROVAL && !isLook && !paused;
    }
  }

  static Unfinished of(PostgresAddress home) {
    var found = new ArrayList<Refresh>();
    try (var connection = home.connect("tidemark sync");
        var statement = connection.createStatement();
        var rows = statement.executeQuery(ACTIVE)) {
      while (rows.next()) {
        found.add(
            new Refresh(
                rows.getLong("id"),
                rows.getString("table_name"),
                RefreshState.valueOf(rows.getString("state")),
                rows.getBoolean("dry_run"),
                rows.getBoolean("approved"),
                rows.getBoolean("paused")));
      }
    } catch (SQLException e) {
      throw new TidemarkException(
          ErrorCode.HOME_FAILED,
          "the home does not say which refreshes are unfinished: " + e.getMessage(),
          e);
    }
    return new Unfinished(found);
  }

  Optional<Refresh> of(String table) {
    return refreshes.stream().filter(refresh -> refresh.table().equals(table)).findFirst();
  }

  /**
   * Why a dry run of these tables cannot be: a real refresh is in its way, or leading would apply
   * one of another table.
   *
   * @param command the command for a table, without options
   */
  Optional<ErrorReport> dryRunRefusal(List<String> tables, Command command) {
    var inTheWay =
        refreshes.stream()
            .filter(it -> it.goesOn() || (!it.isLook() && tables.contains(it.table())))
            .toList();
    if (inTheWay.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        ErrorReport.of(
                ErrorCode.ILLEGAL_STATE,
                inTheWay.stream().map(Unfinished::reason).collect(joining("\n")))
            .withHint(
                inTheWay.stream()
                    .map(refresh -> remedy(refresh, command.of(refresh.table())))
                    .collect(joining("\n"))));
  }

  /** Spells a command. */
  @FunctionalInterface
  interface Command {
    String of(String table);
  }

  private static String reason(Refresh refresh) {
    var which = "table %s: refresh %d ".formatted(refresh.table(), refresh.id());
    if (refresh.state() == RefreshState.AWAITING_APPROVAL) {
      return which + "awaits approval, a dry run cannot begin before it is decided";
    } else if (refresh.paused()) {
      return which + "is paused and no dry run, a dry run cannot begin before it ends";
    }
    return which + "was interrupted and is no dry run, this command would go on with it";
  }

  private static String remedy(Refresh refresh, String command) {
    return refresh.state() == RefreshState.AWAITING_APPROVAL
        ? "`%s --approve` applies refresh %d, `%s --reject` discards it."
            .formatted(command, refresh.id(), command)
        : "`%s`, without --dry-run, goes on with refresh %d.".formatted(command, refresh.id());
  }
}
