package io.tidemark.suite.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.hadoop.HadoopOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** A table in a warehouse, each version of which is a snapshot. */
final class IcebergSource implements ScenarioSource {
  private static final Configuration SETTINGS = settings();

  private final Path warehouse;
  private final TableIdentifier name;
  private final HadoopCatalog catalog;
  private final Map<Integer, DataFile> files = new HashMap<>();
  private @Nullable Version present;

  IcebergSource(Path parent, String name) {
    this.warehouse = parent.resolve("warehouse");
    this.name = TableIdentifier.of("shop", name);
    this.catalog = new HadoopCatalog(SETTINGS, warehouse.toString());
  }

  private static Configuration settings() {
    var settings = new Configuration();
    settings.setClass("fs.file.impl", Disk.class, FileSystem.class);
    return settings;
  }

  /** Hadoop's own starts a process for the rights of each file. */
  public static final class Disk extends RawLocalFileSystem {
    @Override
    public void setPermission(org.apache.hadoop.fs.Path file, FsPermission rights) {}
  }

  @Override
  public String definition(boolean oneMoment) {
    return "source: {type: iceberg, catalog: {type: hadoop, warehouse: \"%s\"}, table: %s}"
        .formatted(warehouse, name);
  }

  /** Files whose rows are the same stay. */
  @Override
  public void replace(Version version) throws IOException {
    var before = present;
    var kept = before != null && before.shape().equals(version.shape()) ? before : null;
    var table = table(version.shape());
    var overwrite = table.newOverwrite();
    for (var file = 0;
        file < Math.max(before == null ? 0 : before.files().size(), version.files().size());
        file++) {
      var rows = rows(version, file);
      if (kept == null || !rows(kept, file).equals(rows)) {
        Optional.ofNullable(files.remove(file)).ifPresent(overwrite::deleteFile);
        if (!rows.isEmpty()) {
          var written = write(table, file, rows);
          overwrite.addFile(written);
          files.put(file, written);
        }
      }
    }
    overwrite.commit();
    present = version;
  }

  private static List<List<@Nullable String>> rows(Version version, int file) {
    return file < version.files().size() ? version.files().get(file) : List.of();
  }

  /** A column that has become another is dropped and a new one added. */
  private Table table(Shape shape) {
    var before = present;
    if (before == null) {
      return catalog.createTable(
          name,
          new Schema(
              IntStream.range(0, shape.columns().size())
                  .mapToObj(
                      it ->
                          Types.NestedField.optional(
                              it + 1,
                              shape.columns().get(it).name(),
                              shape.columns().get(it).type().iceberg()))
                  .toList()),
          PartitionSpec.unpartitioned(),
          Map.of());
    }
    var table = catalog.loadTable(name);
    if (!before.shape().equals(shape)) {
      var dropping = table.updateSchema();
      before.shape().columns().stream()
          .filter(it -> !shape.columns().contains(it))
          .forEach(it -> dropping.deleteColumn(it.name()));
      dropping.commit();
      var adding = table.updateSchema();
      shape.columns().stream()
          .filter(it -> !before.shape().columns().contains(it))
          .forEach(it -> adding.addColumn(it.name(), it.type().iceberg()));
      adding.commit();
    }
    return table;
  }

  private DataFile write(Table table, int number, List<List<@Nullable String>> rows)
      throws IOException {
    var file = data("data").resolve("%05d-%s.parquet".formatted(number, UUID.randomUUID()));
    DataWriter<Record> writer =
        FormatModelRegistry.<Record, Schema>dataWriteBuilder(
                FileFormat.PARQUET,
                Record.class,
                EncryptedFiles.plainAsEncryptedOutput(
                    HadoopOutputFile.fromLocation(file.toUri().toString(), SETTINGS)))
            .schema(table.schema())
            .spec(table.spec())
            .build();
    var columns = table.schema().columns();
    try (writer) {
      for (var row : rows) {
        var values = GenericRecord.create(table.schema());
        for (var column = 0; column < columns.size(); column++) {
          var text = row.get(column);
          if (text != null) {
            values.set(column, value(columns.get(column), text));
          }
        }
        writer.write(values);
      }
    }
    return writer.toDataFile();
  }

  private static Object value(Types.NestedField column, String text) {
    return switch (column.type().typeId()) {
      case INTEGER -> Integer.valueOf(text);
      case UUID -> UUID.fromString(text);
      default -> text;
    };
  }

  @Override
  public void drop() {
    catalog.dropTable(name, true);
    present = null;
    files.clear();
  }

  @Override
  public void fail() throws IOException {
    Files.move(data("data"), data("away"));
  }

  @Override
  public void mend() throws IOException {
    Files.move(data("away"), data("data"));
  }

  private Path data(String folder) {
    return warehouse.resolve("shop").resolve(name.name()).resolve(folder);
  }

  @Override
  public void close() throws IOException {
    catalog.close();
  }
}
