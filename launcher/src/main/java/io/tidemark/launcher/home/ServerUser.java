package io.tidemark.launcher.home;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whom Postgres runs as. It refuses root, so root either enters a user namespace, in which the same
 * files belong to nobody in particular, or, where the system forbids that (many containers), gives
 * the files to another user.
 *
 * @param prefix what to write before a command
 * @param givesAway whether the files have to be given to that user
 */
record ServerUser(List<String> prefix, boolean givesAway) {
  private static final int NOBODY = 65_534;

  static final ServerUser SELF = new ServerUser(List.of(), false);
  static final ServerUser NAMESPACE = new ServerUser(List.of("unshare", "-U"), false);
  static final ServerUser OTHER =
      new ServerUser(
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"), true);

  /** The one that this process can use. */
  static ServerUser find() {
    if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows")
        || !output("id", "-u").equals(Optional.of("0"))) {
      return SELF;
    }
    return output("unshare", "-U", "id", "-u").filter(id -> !id.equals("0")).isPresent()
        ? NAMESPACE
        : OTHER;
  }

  /** Gives a file, or a folder and all in it, to the user. */
  void give(Path path) throws IOException {
    if (!givesAway) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            return giveOne(folder);
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            return giveOne(file);
          }
        });
  }

  private static FileVisitResult giveOne(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", NOBODY, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", NOBODY, LinkOption.NOFOLLOW_LINKS);
    return FileVisitResult.CONTINUE;
  }

  /** What a command prints; empty where it fails. */
  private static Optional<String> output(String... command) {
    try {
      var process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return process.waitFor() == 0 ? Optional.of(said.strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
