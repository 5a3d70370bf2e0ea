package io.tidemark.suite;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.types.Types;

/** Table {@code shop.t} in a warehouse, each version of which is a snapshot of two files. */
final class IcebergTable implements ChangingSource {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.IntegerType.get()),
          Types.NestedField.required(2, "v", Types.StringType.get()));

  private final Path warehouse;
  private final HadoopCatalog catalog;
  private final Table table;

  IcebergTable(Path parent) {
    warehouse = parent.resolve("warehouse");
    catalog = new HadoopCatalog(new Configuration(), warehouse.toString());
    table =
        catalog.createTable(
            TableIdentifier.of("shop", "t"), SCHEMA, PartitionSpec.unpartitioned(), Map.of());
  }

  @Override
  public String definition() {
    return "{type: iceberg, catalog: {type: hadoop, warehouse: \"%s\"}, table: shop.t}"
        .formatted(warehouse);
  }

  @Override
  public void replace(SortedMap<Integer, String> rows) throws IOException {
    var all = List.copyOf(rows.entrySet());
    table
        .newOverwrite()
        .overwriteByRowFilter(Expressions.alwaysTrue())
        .addFile(file(all.subList(0, all.size() / 2)))
        .addFile(file(all.subList(all.size() / 2, all.size())))
        .commit();
  }

  private DataFile file(List<Map.Entry<Integer, String>> rows) throws IOException {
    var location = table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet");
    var output = EncryptedFiles.plainAsEncryptedOutput(table.io().newOutputFile(location));
    DataWriter<Record> writer =
        FormatModelRegistry.<Record, Schema>dataWriteBuilder(
                FileFormat.PARQUET, Record.class, output)
            .schema(SCHEMA)
            .spec(table.spec())
            .build();
    try (writer) {
      for (var row : rows) {
        var values = GenericRecord.create(SCHEMA);
        values.set(0, row.getKey());
        values.set(1, row.getValue());
        writer.write(values);
      }
    }
    return writer.toDataFile();
  }

  @Override
  public void close() throws IOException {
    catalog.close();
  }
}
