import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;

/** Runs one statement of DuckDB: {@code Duck [--ready FILE] SQL}. The file says that it begins. */
class Duck {
  public static void main(String[] args) throws Exception {
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        var statement = duck.createStatement()) {
      statement.execute("SELECT 1");
      if (args[0].equals("--ready")) {
        Files.createFile(Path.of(args[1]));
      }
      statement.execute(args[args.length - 1]);
    }
  }
}
