package io.tidemark.executor.source.iceberg;

import io.tidemark.common.config.NearMiss;
import io.tidemark.common.config.SourceDefinition.IcebergSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.JsonText;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import io.tidemark.executor.source.iceberg.PinnedTable.Pin;
import io.tidemark.executor.source.iceberg.ScanSplits.Pieces;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * A table of Apache Iceberg. A version of it is a snapshot: the newest when the refresh was
 * planned, read to the end whatever is written meanwhile, by whoever goes on. Where it has expired
 * the refresh ends.
 */
public final class IcebergConnector implements Connector {
  private final IcebergSource source;
  private final long pieceBytes;
  private final Set<IcebergReader> open = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;
  private @Nullable Opened opened;

  /**
   * Looks at nothing yet.
   *
   * @param source with its secrets resolved
   */
  public IcebergConnector(IcebergSource source) {
    this(source, ScanSplits.PIECE_BYTES);
  }

  IcebergConnector(IcebergSource source, long pieceBytes) {
    this.source = source;
    this.pieceBytes = pieceBytes;
  }

  @Override
  public SourceVersion look() throws SQLException {
    var pinned = PinnedTable.newest(source);
    var fields = fields(pinned.schema());
    return new SourceVersion(
        fields.stream().map(this::column).toList(),
        key(pinned.schema(), fields),
        ScanSplits.of(pinned, pieceBytes),
        pinned.identity(),
        JsonText.of(pinned.pin()));
  }

  private List<NestedField> fields(Schema schema) {
    return source.columns().isEmpty()
        ? schema.columns()
        : source.columns().stream().map(name -> field(schema, name)).toList();
  }

  private static NestedField field(Schema schema, String name) {
    var names = schema.columns().stream().map(NestedField::name).toList();
    return schema.columns().stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new TidemarkException(
                    ErrorReport.of(
                            ErrorCode.COLUMN_MISSING,
                            "source.columns: the source has no column " + name)
                        .withHint(
                            NearMiss.of(name, names)
                                .map(near -> "Did you mean " + near + "?")
                                .orElse("It has " + String.join(", ", names) + "."))));
  }

  private SourceColumn column(NestedField field) {
    var type =
        IcebergTypes.postgres(field.type())
            .orElseThrow(
                () ->
                    new TidemarkException(
                        ErrorReport.of(
                                ErrorCode.TYPE_INCOMPATIBLE,
                                "column %s of %s is %s, which is not read"
                                    .formatted(field.name(), source.table(), field.type()))
                            .withHint("Name the other columns as source.columns.")));
    return new SourceColumn(field.name(), type, field.isRequired(), false);
  }

  /** The identifier fields, in the order of the columns; none where one of them is not read. */
  private static List<String> key(Schema schema, List<NestedField> fields) {
    var identifiers = schema.identifierFieldIds();
    var key =
        schema.columns().stream().filter(field -> identifiers.contains(field.fieldId())).toList();
    return key.size() == identifiers.size() && fields.containsAll(key)
        ? key.stream().map(NestedField::name).toList()
        : List.of();
  }

  @Override
  public SplitReader open(
      SourceVersion version, Split split, List<WantedColumn> columns, Optional<String> position)
      throws SQLException {
    var pin = JsonText.read(version.spec(), Pin.class);
    var files = opened(pin);
    var wanted = columns.stream().map(it -> field(files.pinned.schema(), it.name())).toList();
    var reader =
        new IcebergReader(
            files,
            Pieces.read(split.spec()).pieces(),
            wanted,
            position.map(IcebergReader.Position::of).orElse(IcebergReader.Position.START),
            open::remove);
    open.add(reader);
    if (isClosed) {
      reader.abort();
    }
    return reader;
  }

  /** The snapshot's files, planned once on each executor. */
  private synchronized Opened opened(Pin pin) throws SQLException {
    var known = opened;
    if (known == null || !known.pin.equals(pin)) {
      var pinned = PinnedTable.pinned(source, pin);
      known = new Opened(pin, pinned, ScanSplits.files(pinned));
      opened = known;
    }
    return known;
  }

  private final class Opened implements IcebergReader.SplitFiles {
    private final Pin pin;
    private final PinnedTable pinned;
    private final Map<String, FileScanTask> files;

    Opened(Pin pin, PinnedTable pinned, Map<String, FileScanTask> files) {
      this.pin = pin;
      this.pinned = pinned;
      this.files = files;
    }

    @Override
    public Table table() {
      return pinned.table();
    }

    @Override
    public FileScanTask file(String path) {
      return Optional.ofNullable(files.get(path))
          .orElseThrow(() -> PinnedTable.changed(path + " is not in the snapshot"));
    }

    /** A file is gone where its snapshot has expired: that is the better thing to say. */
    @Override
    public RuntimeException explained(Exception error, String path) {
      if (IcebergFailure.isGone(error)) {
        try {
          PinnedTable.pinned(source, pin);
        } catch (TidemarkException changed) {
          return changed;
        } catch (SQLException e) {
          error.addSuppressed(e); // the catalog is away: what is gone is all that is known
        }
      }
      return IcebergFailure.of(error, path + " cannot be read");
    }
  }

  @Override
  public void close() {
    isClosed = true;
    open.forEach(IcebergReader::abort);
  }
}
