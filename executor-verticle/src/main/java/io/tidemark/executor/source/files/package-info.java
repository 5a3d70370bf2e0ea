/**
 * Files: CSV, NDJSON, Parquet, read by DuckDB in this process.
 *
 * <p>What stands where: {@link io.tidemark.executor.source.files.FileList} finds the files and
 * notices when one is not what it was; a {@code FileSql} for each format says what DuckDB is asked;
 * {@link io.tidemark.executor.source.files.FilesReader} makes rows of it.
 */
@NullMarked
package io.tidemark.executor.source.files;

import org.jspecify.annotations.NullMarked;
