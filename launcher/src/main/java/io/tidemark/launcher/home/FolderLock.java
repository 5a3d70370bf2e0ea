package io.tidemark.launcher.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who uses a folder. Two bytes of one file, locked by the operating system, which forgets the locks
 * of a process that dies:
 *
 * <ul>
 *   <li>the gate, held alone by whoever starts or stops the server;
 *   <li>the room, shared by all that use it. Who gets it alone on leaving was the last.
 * </ul>
 */
final class FolderLock implements AutoCloseable {
  private static final long GATE = 0;
  private static final long ROOM = 1;
  private static final Duration GATE_PATIENCE = Duration.ofSeconds(90);
  private static final Duration GATE_POLL = Duration.ofMillis(50);

  private final Path file;
  private final FileChannel channel;
  private @Nullable FileLock gate;
  private @Nullable FileLock room;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens the file and passes the gate, which stays closed to others.
   *
   * @throws TidemarkException HOME_FAILED where it stays closed for too long
   */
  static FolderLock enter(Path file) {
    try {
      var lock =
          new FolderLock(
              file,
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE));
      lock.closeGate();
      return lock;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Takes a place in the room and opens the gate. */
  void stay() {
    try {
      room = channel.lock(ROOM, 1, true);
      openGate();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Closes the gate and leaves the room. Whether nobody is left in it. */
  boolean leave() {
    try {
      closeGate();
      if (room != null) {
        room.release();
        room = null;
      }
      try (var alone = channel.tryLock(ROOM, 1, false)) {
        return alone != null;
      }
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Gives everything back. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private void closeGate() throws IOException {
    var end = System.nanoTime() + GATE_PATIENCE.toNanos();
    while (gate == null) {
      try {
        gate = channel.tryLock(GATE, 1, false);
      } catch (OverlappingFileLockException e) {
        // Another thread of this process: wait for it like for anybody.
      }
      if (gate == null) {
        if (System.nanoTime() - end > 0) {
          throw new TidemarkException(
              ErrorReport.of(
                      ErrorCode.HOME_FAILED,
                      "another tidemark process starts or stops the Postgres of "
                          + file.getParent()
                          + " and does not come to an end")
                  .withHint("Look for that process and end it."));
        }
        try {
          Thread.sleep(GATE_POLL);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new TidemarkException(ErrorCode.HOME_FAILED, "interrupted", e);
        }
      }
    }
  }

  private void openGate() throws IOException {
    if (gate != null) {
      gate.release();
      gate = null;
    }
  }

  private static TidemarkException failed(Path file, IOException cause) {
    return new TidemarkException(
        ErrorCode.HOME_FAILED, file + " cannot be locked: " + cause.getMessage(), cause);
  }
}
