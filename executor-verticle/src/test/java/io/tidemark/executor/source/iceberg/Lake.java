package io.tidemark.executor.source.iceberg;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.config.SourceDefinition.IcebergCatalog;
import io.tidemark.common.config.SourceDefinition.IcebergCatalogType;
import io.tidemark.common.config.SourceDefinition.IcebergSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.jdbc.JdbcCatalog;

/** An Iceberg table {@code shop.orders} in a folder, written through the library itself. */
public final class Lake {
  public static final TableIdentifier ORDERS = TableIdentifier.of("shop", "orders");

  private final IcebergCatalog definition;
  private final Catalog catalog;
  private Table table;

  private Lake(IcebergCatalog definition, Catalog catalog) {
    this.definition = definition;
    this.catalog = catalog;
  }

  public static Lake hadoop(Path warehouse, Schema schema) {
    return hadoop(warehouse, schema, PartitionSpec.unpartitioned(), Map.of());
  }

  public static Lake hadoop(
      Path warehouse, Schema schema, PartitionSpec spec, Map<String, String> properties) {
    var lake =
        new Lake(
            new IcebergCatalog(
                IcebergCatalogType.HADOOP,
                warehouse.toString(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "jdbc"),
            new HadoopCatalog(new Configuration(), warehouse.toString()));
    lake.create(schema, spec, properties);
    return lake;
  }

  /** In a catalog that the database holds. */
  public static Lake jdbc(Path warehouse, String uri, String name, Schema schema) {
    var catalog = new JdbcCatalog();
    catalog.setConf(new Configuration());
    catalog.initialize(
        name,
        Map.of(
            "uri", uri,
            "jdbc.user", "sa",
            "jdbc.password", "hunter2",
            "jdbc.schema-version", "V1",
            "warehouse", warehouse.toUri().toString()));
    ((SupportsNamespaces) catalog).createNamespace(Namespace.of("shop"));
    var lake =
        new Lake(
            new IcebergCatalog(
                IcebergCatalogType.JDBC,
                warehouse.toString(),
                Optional.of(uri),
                Optional.of("sa"),
                Optional.of("hunter2"),
                name),
            catalog);
    lake.create(schema, PartitionSpec.unpartitioned(), Map.of());
    return lake;
  }

  private void create(Schema schema, PartitionSpec spec, Map<String, String> properties) {
    table = catalog.createTable(ORDERS, schema, spec, properties);
  }

  /** Drops the table and makes it anew. */
  public void again(Schema schema) {
    catalog.dropTable(ORDERS, true);
    create(schema, PartitionSpec.unpartitioned(), Map.of());
  }

  public void drop() {
    catalog.dropTable(ORDERS, true);
  }

  public Table table() {
    table.refresh();
    return table;
  }

  public IcebergCatalog definition() {
    return definition;
  }

  public IcebergSource source() {
    return new IcebergSource(definition, ORDERS.toString(), Optional.empty(), List.of());
  }

  /** As a user writes it. */
  public ObjectNode written() {
    var source = Json.MAPPER.createObjectNode().put("type", "iceberg").put("table", "shop.orders");
    var written =
        source.putObject("catalog").put("type", "hadoop").put("warehouse", definition.warehouse());
    definition.uri().ifPresent(it -> written.put("type", "jdbc").put("uri", it));
    definition.user().ifPresent(it -> written.put("user", it));
    definition.password().ifPresent(it -> written.put("password", it));
    return source;
  }

  public IcebergConnector connector() {
    return new IcebergConnector(source());
  }

  /** A row of the table's present columns, in their order. */
  public Record row(Object... values) {
    var row = GenericRecord.create(table().schema());
    for (var column = 0; column < values.length; column++) {
      row.set(column, values[column]);
    }
    return row;
  }

  /** A data file of these rows, in a snapshot of its own. */
  public DataFile append(Record... rows) throws IOException {
    return append(FileFormat.PARQUET, Map.of(), Arrays.asList(rows));
  }

  public DataFile append(FileFormat format, Map<String, String> properties, List<Record> rows)
      throws IOException {
    var file = write(format, properties, rows);
    table().newAppend().appendFile(file).commit();
    return file;
  }

  /** A data file that no snapshot has yet. */
  public DataFile write(FileFormat format, Map<String, String> properties, List<Record> rows)
      throws IOException {
    var written = table();
    DataWriter<Record> writer =
        FormatModelRegistry.<Record, Schema>dataWriteBuilder(format, Record.class, output(format))
            .schema(written.schema())
            .spec(written.spec())
            .setAll(properties)
            .build();
    try (writer) {
      rows.forEach(writer::write);
    }
    return writer.toDataFile();
  }

  /** A data file of one partition, such as {@code v=a}. */
  public void appendPartition(String partition, Record... rows) throws IOException {
    var written = table();
    var key = DataFiles.data(written.spec(), partition);
    DataWriter<Record> writer =
        FormatModelRegistry.<Record, Schema>dataWriteBuilder(
                FileFormat.PARQUET, Record.class, output(FileFormat.PARQUET))
            .schema(written.schema())
            .spec(written.spec())
            .partition(key)
            .build();
    try (writer) {
      Arrays.asList(rows).forEach(writer::write);
    }
    written.newAppend().appendFile(writer.toDataFile()).commit();
  }

  /** Deletes rows of a file by their numbers. */
  public void deletePositions(DataFile file, long... positions) throws IOException {
    PositionDeleteWriter<Record> writer =
        FormatModelRegistry.<Record>positionDeleteWriteBuilder(
                FileFormat.PARQUET, output(FileFormat.PARQUET))
            .spec(table().spec())
            .build();
    try (writer) {
      for (var position : positions) {
        writer.write(PositionDelete.<Record>create().set(file.location(), position));
      }
    }
    table().newRowDelta().addDeletes(writer.toDeleteFile()).commit();
  }

  /** As format version 3 does it: one bitmap for a data file. */
  public void deleteByVector(DataFile file, long... positions) throws IOException {
    var writer =
        new BaseDVFileWriter(
            OutputFileFactory.builderFor(table(), 1, 1).format(FileFormat.PUFFIN).build(),
            it -> null);
    try (writer) {
      for (var position : positions) {
        writer.delete(file.location(), position, table().spec(), null);
      }
    }
    var delta = table().newRowDelta();
    writer.result().deleteFiles().forEach(delta::addDeletes);
    delta.commit();
  }

  /** Deletes all older rows that have one of these values in a column. */
  public void deleteWhere(String column, Object... values) throws IOException {
    var field = table().schema().findField(column);
    var schema = new Schema(field);
    EqualityDeleteWriter<Record> writer =
        FormatModelRegistry.<Record, Schema>equalityDeleteWriteBuilder(
                FileFormat.PARQUET, Record.class, output(FileFormat.PARQUET))
            .schema(schema)
            .spec(table().spec())
            .equalityFieldIds(field.fieldId())
            .build();
    try (writer) {
      for (var value : values) {
        var row = GenericRecord.create(schema);
        row.set(0, value);
        writer.write(row);
      }
    }
    table().newRowDelta().addDeletes(writer.toDeleteFile()).commit();
  }

  /** All that is not in the newest snapshot goes, files too. */
  public void expireOld() {
    var present = table();
    present
        .expireSnapshots()
        .expireOlderThan(present.currentSnapshot().timestampMillis() + 1)
        .retainLast(1)
        .commit();
  }

  /** Whole rows as {@code id} to {@code id} of two columns. */
  public List<Record> numbered(long from, long to, String suffix) {
    var rows = new ArrayList<Record>();
    for (var id = from; id < to; id++) {
      rows.add(row(id, "v" + id + suffix));
    }
    return rows;
  }

  private EncryptedOutputFile output(FileFormat format) {
    var name = UUID.randomUUID() + "." + format.name().toLowerCase(java.util.Locale.ROOT);
    var present = table;
    return EncryptedFiles.plainAsEncryptedOutput(
        present.io().newOutputFile(present.locationProvider().newDataLocation(name)));
  }
}
