package io.tidemark.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What Linux counts of the time that processors spent on a process. */
final class CpuSeconds {
  private static final double TICKS_PER_SECOND = 100;

  // Places in /proc/PID/stat behind the name, see proc_pid_stat(5).
  private static final int PARENT = 1;
  private static final int USER = 11;
  private static final int SYSTEM = 12;
  private static final int CHILDREN_USER = 13;
  private static final int CHILDREN_SYSTEM = 14;

  private CpuSeconds() {}

  /** Of all processes that this one has started and seen end. */
  static double ofEndedChildren() {
    var fields = fields(ProcessHandle.current().pid());
    return seconds(fields, CHILDREN_USER) + seconds(fields, CHILDREN_SYSTEM);
  }

  /** Of a process and its children, those that have ended among them. */
  static double ofFamily(long pid) {
    try (var files = Files.list(Path.of("/proc"))) {
      return Stream.concat(
              Stream.of(pid),
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.chars().allMatch(Character::isDigit))
                  .map(Long::valueOf)
                  .filter(child -> parent(child) == pid))
          .mapToDouble(CpuSeconds::ofOne)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Who started it; 0 where it has ended. */
  static long parent(long pid) {
    var fields = fields(pid);
    return fields.length == 0 ? 0 : Long.parseLong(fields[PARENT]);
  }

  private static double ofOne(long pid) {
    var fields = fields(pid);
    return seconds(fields, USER)
        + seconds(fields, SYSTEM)
        + seconds(fields, CHILDREN_USER)
        + seconds(fields, CHILDREN_SYSTEM);
  }

  private static double seconds(String[] fields, int place) {
    return fields.length == 0 ? 0 : Long.parseLong(fields[place]) / TICKS_PER_SECOND;
  }

  /** Behind the name, which may hold anything; none where it has ended. */
  private static String[] fields(long pid) {
    try {
      var line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return line.substring(line.lastIndexOf(')') + 2).strip().split(" ");
    } catch (NoSuchFileException e) {
      return new String[0];
    } catch (IOException e) {
      // It ended between opening and reading.
      if (!Files.exists(Path.of("/proc", Long.toString(pid)))) {
        return new String[0];
      }
      throw new UncheckedIOException(e);
    }
  }
}
