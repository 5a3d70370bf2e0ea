package io.tidemark.executor.source.iceberg;

import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.DeleteFilter;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.DeleteCounter;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types;

/**
 * Rows of a data file without those that position deletes, deletion vectors and equality deletes
 * take out. Unlike the library's own it knows the columns of all the table's schemas: an equality
 * delete may name one that was dropped since.
 */
final class RowDeletes extends DeleteFilter<Record> {
  private final Table table;
  private final InternalRecordWrapper wrapper;

  RowDeletes(Table table, FileScanTask file, Schema wanted) {
    super(
        file.file().location(),
        file.deletes(),
        id -> field(table, id),
        wanted,
        new DeleteCounter(),
        true);
    this.table = table;
    this.wrapper = new InternalRecordWrapper(requiredSchema().asStruct());
  }

  private static Types.NestedField field(Table table, int id) {
    var current = table.schema().findField(id);
    return current != null
        ? current
        : table.schemas().values().stream()
            .map(schema -> schema.findField(id))
            .filter(field -> field != null)
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("no schema of the table has a column " + id));
  }

  @Override
  protected StructLike asStructLike(Record row) {
    return wrapper.wrap(row);
  }

  @Override
  protected InputFile getInputFile(String location) {
    return table.io().newInputFile(location);
  }
}
