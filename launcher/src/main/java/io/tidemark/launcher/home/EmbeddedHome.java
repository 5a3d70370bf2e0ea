package io.tidemark.launcher.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.SqlName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * A home in an embedded Postgres. Its data stay in a folder from run to run:
 *
 * <pre>
 *  tidemark-data/
 *    postgres/      the server's data
 *    postgres.log   what it has to say
 *    password       of its one user, readable by the owner only
 *    lock           see {@link FolderLock}
 * </pre>
 *
 * Several processes may open the same folder: the first starts the server, the others and whoever
 * comes after a crash connect to it, and the last one that leaves in good order stops it.
 */
public final class EmbeddedHome implements AutoCloseable {
  /** Where the data stay, relative to where the command was called. */
  public static final Path FOLDER = Path.of("tidemark-data");

  /** The database that is the home. */
  public static final String DATABASE = "tidemark";

  static final String USER = "tidemark";
  private static final String DUPLICATE_DATABASE = "42P04";

  private final FolderLock lock;
  private final Postmaster postmaster;
  private final PostgresAddress server;

  private EmbeddedHome(FolderLock lock, Postmaster postmaster, PostgresAddress server) {
    this.lock = lock;
    this.postmaster = postmaster;
    this.server = server;
  }

  /**
   * Starts the server on the folder's data, or connects to the one that runs on them.
   *
   * @param folder is made where it is missing
   * @throws TidemarkException HOME_FAILED, with what the server said
   */
  public static EmbeddedHome open(Path folder) {
    var data = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(data);
    } catch (IOException e) {
      throw new TidemarkException(
          ErrorCode.HOME_FAILED, "the folder " + data + " cannot be made: " + e.getMessage(), e);
    }
    var lock = FolderLock.enter(data.resolve("lock"));
    try {
      var postmaster = new Postmaster(data, ServerUser.find());
      var home = new EmbeddedHome(lock, postmaster, postmaster.start());
      home.database(DATABASE);
      lock.stay();
      return home;
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Where the home is. */
  public PostgresAddress address() {
    return server.withDatabase(DATABASE);
  }

  /** Another database of the same server; made where it is missing. */
  public PostgresAddress database(String name) {
    try (var connection = server.connect("tidemark home");
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + SqlName.quote(name));
    } catch (SQLException e) {
      if (!DUPLICATE_DATABASE.equals(e.getSQLState())) {
        throw new TidemarkException(
            ErrorCode.HOME_FAILED,
            "database " + name + " cannot be made in " + server + ": " + e.getMessage(),
            e);
      }
    }
    return server.withDatabase(name);
  }

  /** Stops the server, unless another process uses it. */
  @Override
  public void close() {
    try (lock) {
      if (lock.leave()) {
        postmaster.stop();
      }
    }
  }
}
