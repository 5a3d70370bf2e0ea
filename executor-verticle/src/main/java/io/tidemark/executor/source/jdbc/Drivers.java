package io.tidemark.executor.source.jdbc;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The JDBC drivers of a folder and of the class path. The jars of one folder share one class
 * loader, kept for the life of the process: drivers start threads and cannot be unloaded. A jar
 * that is added later is found with the next connection.
 */
public final class Drivers {
  private static final Map<List<Path>, ClassLoader> LOADERS = new ConcurrentHashMap<>();

  private final Path folder;

  Drivers(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** Beside the {@code tidemark} command, which says where that is; else below where it runs. */
  public static Drivers standard() {
    return new Drivers(Path.of(System.getProperty("tidemark.drivers", "drivers")));
  }

  /**
   * The driver of a URL.
   *
   * @param className of the driver, where it does not announce itself as a service
   * @throws TidemarkException CONFIG_INVALID where there is none; names the folder and the URL's
   *     prefix
   */
  public Driver forUrl(String url, Optional<String> className) throws SQLException {
    var loader = LOADERS.computeIfAbsent(jars(), Drivers::loader);
    if (className.isPresent()) {
      return byName(loader, className.get());
    }
    for (var services = ServiceLoader.load(Driver.class, loader).iterator(); ; ) {
      var driver = next(services);
      if (driver.isEmpty()) {
        throw refused(
            "no JDBC driver for " + prefix(url) + " is in the folder " + folder,
            "Put the driver's jar into that folder, or name its class as source.driver.");
      }
      if (driver.get().acceptsURL(url)) {
        return driver.get();
      }
    }
  }

  /** The database's name in a URL: {@code jdbc:mariadb:}. */
  public static String prefix(String url) {
    var end = url.indexOf(':', "jdbc:".length());
    return end < 0 ? "jdbc:" : url.substring(0, end + 1);
  }

  /** A jar that announces a class which cannot be loaded must not hide the others. */
  private static Optional<Driver> next(Iterator<Driver> services) {
    while (true) {
      try {
        return services.hasNext() ? Optional.of(services.next()) : Optional.empty();
      } catch (ServiceConfigurationError broken) {
        // The next one.
      }
    }
  }

  private Driver byName(ClassLoader loader, String className) {
    try {
      return Class.forName(className, true, loader)
          .asSubclass(Driver.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
      throw refused(
          "the JDBC driver " + className + " is not in the folder " + folder,
          "Put the driver's jar into that folder, or correct source.driver.");
    }
  }

  private List<Path> jars() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw refused(
          "the folder of JDBC drivers " + folder + " cannot be read", "Check its access rights.");
    }
  }

  private static ClassLoader loader(List<Path> jars) {
    var own = Drivers.class.getClassLoader();
    return jars.isEmpty()
        ? own
        : new URLClassLoader("drivers", jars.stream().map(Drivers::url).toArray(URL[]::new), own);
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static TidemarkException refused(String message, String hint) {
    return new TidemarkException(ErrorReport.of(ErrorCode.CONFIG_INVALID, message).withHint(hint));
  }
}
