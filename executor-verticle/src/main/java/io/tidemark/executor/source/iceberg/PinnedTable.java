package io.tidemark.executor.source.iceberg;

import io.tidemark.common.config.SourceDefinition.IcebergSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.TableIdentifier;

/**
 * A table and the one snapshot of it that a refresh reads, with the columns that it had when the
 * refresh was planned.
 *
 * @param snapshot empty: the table never had rows
 */
record PinnedTable(Table table, Optional<Snapshot> snapshot, Schema schema) {
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  /**
   * What is stored with the refresh.
   *
   * @param table its id, which a table of the same name that is made anew does not have
   */
  record Pin(String table, Optional<Long> snapshot, int schema) {}

  /**
   * Where two are equal, so are the rows: a snapshot is never changed, and what it is read as
   * follows from the schema and, in files without column ids, the name mapping. Empty where the
   * table has no id: a table made anew could not be told from it.
   */
  Optional<String> identity() {
    var pin = pin();
    if (!ID.matcher(pin.table()).matches()) {
      return Optional.empty();
    }
    var mapping = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
    return Optional.of(
        "%s of table %s (schema %d%s)"
            .formatted(
                pin.snapshot().map(id -> "snapshot " + id).orElse("no snapshot"),
                pin.table(),
                pin.schema(),
                mapping == null ? "" : ", name mapping " + digest(mapping)));
  }

  private static String digest(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * The newest snapshot, or the one that the user names.
   *
   * @throws TidemarkException where there is no such table or snapshot
   */
  static PinnedTable newest(IcebergSource source) throws SQLException {
    var table = load(source);
    if (source.snapshot().isEmpty()) {
      return new PinnedTable(table, Optional.ofNullable(table.currentSnapshot()), table.schema());
    }
    long wanted = source.snapshot().get();
    var snapshot = table.snapshot(wanted);
    if (snapshot == null) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.CONFIG_INVALID,
                  "source.snapshot: %s has no snapshot %d, or no more"
                      .formatted(source.table(), wanted))
              .withHint(
                  Optional.ofNullable(table.currentSnapshot())
                          .map(it -> "Its newest is " + it.snapshotId() + "; leave the field out")
                          .orElse("It has none; leave the field out")
                      + " to read the newest each time."));
    }
    return new PinnedTable(table, Optional.of(snapshot), schemaOf(table, snapshot));
  }

  /**
   * The one that was pinned, perhaps on another executor.
   *
   * @throws TidemarkException SOURCE_CHANGED where it is no more
   */
  static PinnedTable pinned(IcebergSource source, Pin pin) throws SQLException {
    Table table;
    try {
      table = load(source);
    } catch (TidemarkException e) {
      throw e.code() == ErrorCode.SOURCE_TABLE_MISSING
          ? changed("the table is gone: " + e.report().message())
          : e;
    }
    var schema = table.schemas().get(pin.schema());
    if (!uuid(table).equals(pin.table())) {
      throw changed(source.table() + " was dropped and made anew");
    }
    if (schema == null) {
      throw changed(source.table() + " has forgotten the columns that it had then");
    }
    if (pin.snapshot().isEmpty()) {
      return new PinnedTable(table, Optional.empty(), schema);
    }
    var snapshot = table.snapshot(pin.snapshot().get());
    if (snapshot == null) {
      throw changed(
          "snapshot %d of %s has expired".formatted(pin.snapshot().get(), source.table()));
    }
    return new PinnedTable(table, Optional.of(snapshot), schema);
  }

  Pin pin() {
    return new Pin(uuid(table), snapshot.map(Snapshot::snapshotId), schema.schemaId());
  }

  static TidemarkException changed(String what) {
    return new TidemarkException(
        ErrorReport.of(
                ErrorCode.SOURCE_CHANGED,
                "the source is not what it was when the refresh began: " + what)
            .withHint(
                "Nothing was deleted. Refresh again; where snapshots expire that soon, keep them for"
                    + " longer than a refresh takes."));
  }

  /** As the snapshot was written; an old table does not say it of each. */
  private static Schema schemaOf(Table table, Snapshot snapshot) {
    var id = snapshot.schemaId();
    var schema = id == null ? null : table.schemas().get(id);
    return schema == null ? table.schema() : schema;
  }

  private static String uuid(Table table) {
    return table instanceof HasTableOperations known
        ? String.valueOf(known.operations().current().uuid())
        : "";
  }

  private static Table load(IcebergSource source) throws SQLException {
    var catalogs = IcebergCatalogs.of(source.catalog());
    try {
      return catalogs.load(TableIdentifier.parse(source.table()));
    } catch (TidemarkException e) {
      throw e;
    } catch (RuntimeException e) {
      throw IcebergFailure.of(e, source.table() + " cannot be looked at");
    }
  }
}
