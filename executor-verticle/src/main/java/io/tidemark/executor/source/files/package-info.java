/**
 * Files: CSV, NDJSON, Parquet, read in this process.
 *
 * <p>What stands where: {@link io.tidemark.executor.source.files.FileList} finds the files and
 * notices when one is not what it was; text files are taken apart by {@code CsvRows} and {@code
 * NdjsonRows} and read by {@link io.tidemark.executor.source.files.TextReader}; Parquet is read by
 * DuckDB, which {@code ParquetSql} asks and {@link io.tidemark.executor.source.files.ParquetReader}
 * makes rows of.
 */
@NullMarked
package io.tidemark.executor.source.files;

import org.jspecify.annotations.NullMarked;
