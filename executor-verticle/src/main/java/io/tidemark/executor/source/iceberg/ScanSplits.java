package io.tidemark.executor.source.iceberg;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.JsonText;
import io.tidemark.executor.source.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableScan;

/**
 * A snapshot in pieces. What is stored are paths and ranges; the delete files of each are planned
 * again from the same snapshot by whoever reads, which gives the same ones.
 */
final class ScanSplits {
  /** About so much of a file, in whole row groups, is a piece. */
  static final long PIECE_BYTES = 64L << 20;

  /** As many small files are one split. */
  private static final int MOST_FILES = 256;

  /** Files that lie in another format are named when the refresh is planned. */
  private static final Set<FileFormat> READABLE =
      Set.of(FileFormat.PARQUET, FileFormat.AVRO, FileFormat.PUFFIN);

  private ScanSplits() {}

  /**
   * A range of a data file.
   *
   * @param start in bytes: rows of the row groups that begin in it are read
   */
  record Piece(String path, long start, long length) {}

  /** Pieces that are read one after the other. */
  record Pieces(List<Piece> pieces) {
    Pieces {
      pieces = List.copyOf(pieces);
    }

    static Pieces read(String json) {
      return JsonText.read(json, Pieces.class);
    }
  }

  /**
   * Together they hold each row of the snapshot once.
   *
   * @param pieceBytes how large a piece is, about
   */
  static List<Split> of(PinnedTable pinned, long pieceBytes) {
    if (pinned.snapshot().isEmpty()) {
      return List.of();
    }
    var splits = new ArrayList<List<FileScanTask>>();
    try (var tasks =
        scan(pinned)
            .option(TableProperties.SPLIT_SIZE, Long.toString(pieceBytes))
            .option(TableProperties.SPLIT_OPEN_FILE_COST, Long.toString(pieceBytes / MOST_FILES))
            .planTasks()) {
      for (var combined : tasks) {
        var files = combined.files().stream().sorted(Comparator.comparing(ScanSplits::order));
        splits.add(files.toList());
      }
    } catch (IOException | RuntimeException e) {
      throw IcebergFailure.of(e, "the snapshot cannot be planned");
    }
    splits.sort(Comparator.comparing(files -> order(files.getFirst())));
    var numbered = new ArrayList<Split>();
    for (var files : splits) {
      files.forEach(ScanSplits::requireReadable);
      numbered.add(split(numbered.size(), files));
    }
    return numbered;
  }

  /** Whole data files by path, each with the delete files that apply to it. */
  static Map<String, FileScanTask> files(PinnedTable pinned) {
    var files = new HashMap<String, FileScanTask>();
    if (pinned.snapshot().isPresent()) {
      try (var tasks = scan(pinned).planFiles()) {
        tasks.forEach(task -> files.put(task.file().location(), task));
      } catch (IOException | RuntimeException e) {
        throw IcebergFailure.isGone(e)
            ? PinnedTable.changed("its snapshot is gone: " + e.getMessage())
            : IcebergFailure.of(e, "the snapshot cannot be planned");
      }
    }
    return files;
  }

  private static TableScan scan(PinnedTable pinned) {
    return pinned.table().newScan().useSnapshot(pinned.snapshot().orElseThrow().snapshotId());
  }

  private static String order(FileScanTask task) {
    return "%s %020d".formatted(task.file().location(), task.start());
  }

  private static void requireReadable(FileScanTask task) {
    requireReadable(task.file());
    task.deletes().forEach(ScanSplits::requireReadable);
  }

  private static void requireReadable(ContentFile<?> file) {
    if (!READABLE.contains(file.format())) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.CONFIG_INVALID,
                  "%s is %s, which this version does not read"
                      .formatted(file.location(), file.format()))
              .withHint("Rewrite the table's files as Parquet: rewrite_data_files."));
    }
  }

  private static Split split(int number, List<FileScanTask> files) {
    var first = files.getFirst();
    var others = files.size() - 1;
    var isWhole = first.length() >= first.file().fileSizeInBytes() - first.start();
    var name =
        others > 0
            ? "%s and %d more".formatted(first.file().location(), others)
            : first.start() <= firstOffset(first.file()) && isWhole
                ? first.file().location()
                : "%s from byte %d".formatted(first.file().location(), first.start());
    return new Split(
        number,
        name,
        JsonText.of(
            new Pieces(
                files.stream()
                    .map(it -> new Piece(it.file().location(), it.start(), it.length()))
                    .toList())),
        files.stream().mapToLong(ScanSplits::rows).sum(),
        files.stream().mapToLong(FileScanTask::length).sum());
  }

  private static long firstOffset(DataFile file) {
    return Optional.ofNullable(file.splitOffsets())
        .filter(it -> !it.isEmpty())
        .map(List::getFirst)
        .orElse(0L);
  }

  /** About: as many of the file's as the range has of its bytes. */
  private static long rows(FileScanTask task) {
    var share = task.length() / (double) Math.max(1, task.file().fileSizeInBytes());
    return Math.round(task.file().recordCount() * Math.min(1, share));
  }
}
