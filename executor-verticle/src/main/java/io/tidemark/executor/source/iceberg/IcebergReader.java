package io.tidemark.executor.source.iceberg;

import io.tidemark.executor.source.CopyText;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SplitReader;
import io.tidemark.executor.source.iceberg.ScanSplits.Piece;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.IdentityPartitionConverters;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.PartitionUtil;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pieces of a split one after the other, without the rows that are deleted. Files never
 * change, so a row's number is the same each time.
 */
final class IcebergReader implements SplitReader {
  private static final int BATCH_ROWS = 10_000;
  private static final int BATCH_BYTES = 1 << 20;

  private final Consumer<IcebergReader> onClose;
  private final SplitFiles files;
  private final List<Piece> pieces;
  private final List<NestedField> wanted;
  private final Schema projection;
  private final CopyText text = new CopyText();

  private int piece;
  private long row;
  private @Nullable CloseableIterator<Record> rows;
  private int memory;
  private volatile boolean isAborted;

  /**
   * Opens nothing yet.
   *
   * @param wanted columns, in the order in which rows shall have them
   */
  IcebergReader(
      SplitFiles files,
      List<Piece> pieces,
      List<NestedField> wanted,
      Position position,
      Consumer<IcebergReader> onClose) {
    this.onClose = onClose;
    this.files = files;
    this.pieces = pieces;
    this.wanted = List.copyOf(wanted);
    var columns = new ArrayList<>(wanted);
    columns.add(MetadataColumns.ROW_POSITION);
    this.projection = new Schema(columns);
    this.piece = position.piece;
    this.row = position.row;
  }

  /** Where the files of a split are found. */
  interface SplitFiles {
    Table table();

    /** The file, with the delete files that apply to it. */
    FileScanTask file(String path);

    /** What an error that reading it threw means. */
    RuntimeException explained(Exception error, String path);
  }

  /**
   * How far a split is read.
   *
   * @param piece number of the piece that is read next, or is half read
   * @param row rows of it that are read
   */
  record Position(int piece, long row) {
    static final Position START = new Position(0, 0);

    static Position of(String text) {
      var colon = text.indexOf(':');
      return new Position(
          Integer.parseInt(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
      return piece + ":" + row;
    }
  }

  static SQLException aborted() {
    return new SQLException("the read was aborted", "08006");
  }

  @Override
  public Format format() {
    return Format.TEXT;
  }

  @Override
  public @Nullable RowBatch next() throws SQLException {
    text.clear();
    var places = new Places();
    while (!places.isFull() && text.length() < BATCH_BYTES && piece < pieces.size()) {
      var path = pieces.get(piece).path();
      try {
        read(path, rows(), places);
      } catch (IOException | RuntimeException e) {
        throw files.explained(e, path);
      }
    }
    return places.count == 0
        ? null
        : new RowBatch(
            text.rows(),
            places.count,
            text.length(),
            new Position(piece, row).toString(),
            places::name);
  }

  /** Up to a full batch, or the piece's end. */
  private void read(String path, CloseableIterator<Record> from, Places places)
      throws SQLException, IOException {
    while (!places.isFull() && text.length() < BATCH_BYTES) {
      if (isAborted) {
        throw aborted();
      }
      if (!from.hasNext()) {
        closePiece();
        piece++;
        row = 0;
        return;
      }
      var record = from.next();
      for (var column = 0; column < wanted.size(); column++) {
        text.value(IcebergTypes.text(wanted.get(column).type(), record.get(column)));
      }
      text.endRow();
      places.add(path, (Long) record.get(wanted.size()));
      row++;
    }
  }

  private CloseableIterator<Record> rows() throws SQLException {
    var open = rows;
    if (open == null) {
      var next = pieces.get(piece);
      memory = RowGroupMemory.SHARED.take(next.length(), () -> isAborted);
      open = open(files.file(next.path()), next).iterator();
      rows = open;
      for (var skipped = 0L; skipped < row; skipped++) {
        if (isAborted) {
          throw aborted();
        }
        if (!open.hasNext()) {
          throw PinnedTable.changed(next.path() + " has fewer rows than were read of it");
        }
        open.next();
      }
    }
    return open;
  }

  private CloseableIterable<Record> open(FileScanTask file, Piece piece) {
    var table = files.table();
    var deletes = new RowDeletes(table, file, projection);
    var reading =
        FormatModelRegistry.<Record, Object>readBuilder(
                file.file().format(), Record.class, table.io().newInputFile(file.file()))
            .project(deletes.requiredSchema())
            .idToConstant(
                PartitionUtil.constantsMap(file, IdentityPartitionConverters::convertConstant))
            .split(piece.start(), piece.length());
    var names = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
    if (names != null) {
      reading = reading.withNameMapping(NameMappingParser.fromJson(names));
    }
    return deletes.filter(reading.build());
  }

  @Override
  public void abort() {
    isAborted = true;
  }

  @Override
  public void close() {
    onClose.accept(this);
    try {
      closePiece();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void closePiece() throws IOException {
    var open = rows;
    var taken = memory;
    rows = null;
    memory = 0;
    try {
      if (open != null) {
        open.close();
      }
    } finally {
      RowGroupMemory.SHARED.giveBack(taken);
    }
  }

  /** Where the rows of a batch stand. */
  private static final class Places {
    private final String[] paths = new String[BATCH_ROWS];
    private final long[] positions = new long[BATCH_ROWS];
    private int count;

    boolean isFull() {
      return count == BATCH_ROWS;
    }

    void add(String path, long position) {
      paths[count] = path;
      positions[count] = position;
      count++;
    }

    String name(int number) {
      return paths[number] + ", row " + (positions[number] + 1);
    }
  }
}
