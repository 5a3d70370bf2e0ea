package io.tidemark.executor.delta;

import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.merge.BinaryRow;
import io.tidemark.executor.plan.PlannedColumn;
import io.tidemark.executor.plan.RefreshPlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Table {@code tidemark.delta_<refresh>}: the differences found and not yet applied; after a
 * successful refresh the same table is its page of the change feed, so that nothing is written
 * twice.
 *
 * <p>A row's values stand in one column of a composite type with attributes {@code c1…cn}: a table
 * of 1,600 columns leaves no room for columns of our own, and no name can collide. For a delete
 * only the key attributes are set.
 */
public final class DeltaTable {
  private static final int BOOKKEEPING_FIELDS = 3;

  private final RefreshPlan plan;
  private final String table;
  private final String rowType;

  public DeltaTable(long refreshId, RefreshPlan plan) {
    this.plan = plan;
    this.table = SqlName.quote(HomeSchema.NAME, "delta_" + refreshId);
    this.rowType = SqlName.quote(HomeSchema.NAME, "delta_" + refreshId + "_row");
  }

  /** Quoted, schema-qualified. */
  public String name() {
    return table;
  }

  /** The attribute that holds the column at this index of {@link RefreshPlan#columns}. */
  public static String attribute(int index) {
    return "c" + (index + 1);
  }

  /** Creates it, with its row type. */
  public void create(Connection home) throws SQLException {
    var attributes =
        IntStream.range(0, plan.columns().size())
            .mapToObj(i -> attribute(i) + " " + plan.columns().get(i).wireType())
            .collect(Collectors.joining(", "));
    try (var statement = home.createStatement()) {
      statement.execute("CREATE TYPE " + rowType + " AS (" + attributes + ")");
      statement.execute(
          """
          CREATE TABLE %s (
            seq    bigint PRIMARY KEY DEFAULT nextval('tidemark.change_seq'),
            vnode  int NOT NULL,
            op     "char" NOT NULL CHECK (op IN ('I', 'U', 'D')),
            row    %s NOT NULL
          )
          """
              .formatted(table, rowType));
      // Compressing a whole row to read one field of it later costs more than it saves.
      statement.execute("ALTER TABLE " + table + " ALTER COLUMN row SET STORAGE EXTERNAL");
    }
  }

  /**
   * Number of its last difference; empty where none was found, or none is left. Index: the primary
   * key, backwards.
   */
  public OptionalLong last(Connection home) throws SQLException {
    try (var statement = home.createStatement();
        var rows = statement.executeQuery("SELECT max(seq) FROM " + table)) {
      rows.next();
      var last = rows.getLong(1);
      return rows.wasNull() ? OptionalLong.empty() : OptionalLong.of(last);
    }
  }

  /** Removes it and its row type, where they exist. */
  public void drop(Connection home) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS " + table);
      statement.execute("DROP TYPE IF EXISTS " + rowType);
    }
  }

  /** Appends a chunk in the caller's transaction. */
  public void append(Connection home, int vnode, Chunk chunk) throws SQLException {
    try (var copy =
        BinaryCopy.open(home, "COPY " + table + " (vnode, op, row) FROM STDIN (FORMAT binary)")) {
      for (var entry : chunk.entries()) {
        copy.int16(BOOKKEEPING_FIELDS);
        copy.int32(Integer.BYTES);
        copy.int32(vnode);
        copy.int32(1);
        copy.int8(entry.op().code());
        var fields = entry.op() == Chunk.Op.DELETE ? plan.keyTypes().size() : plan.columns().size();
        row(copy, entry.row(), fields);
      }
      copy.finish();
    }
  }

  /**
   * A COPY row as a composite value: {@code int32} number of attributes, then for each its type's
   * OID, {@code int32} length and bytes (record_send in the server's rowtypes.c).
   *
   * @param fields how many leading fields to take; the others become null
   */
  private void row(BinaryCopy copy, byte[] row, int fields) throws SQLException {
    var columns = plan.columns();
    var end = BinaryRow.FIRST_FIELD;
    for (var i = 0; i < fields; i++) {
      end = BinaryRow.nextField(row, end);
    }
    var missing = columns.size() - fields;
    copy.int32(
        Integer.BYTES
            + columns.size() * Integer.BYTES
            + (end - BinaryRow.FIRST_FIELD)
            + missing * Integer.BYTES);
    copy.int32(columns.size());
    var at = BinaryRow.FIRST_FIELD;
    for (var i = 0; i < columns.size(); i++) {
      copy.int32(columns.get(i).wireOid());
      if (i < fields) {
        var next = BinaryRow.nextField(row, at);
        copy.put(row, at, next - at);
        at = next;
      } else {
        copy.int32(-1);
      }
    }
  }

  /** A column's value out of row {@code r} of {@link #rows}, in the target's type. */
  static String value(int index, PlannedColumn column) {
    var attribute = "r." + attribute(index);
    return column.cast() ? attribute + "::" + column.targetType() : attribute;
  }

  /**
   * FROM item: differences {@code d} and their values {@code r}. Unnesting an array of one row
   * takes it apart once; {@code (d.row).c1, (d.row).c2 …} would do it once for each column.
   */
  String rows() {
    return table + " d CROSS JOIN LATERAL unnest(ARRAY[d.row]) r";
  }
}
