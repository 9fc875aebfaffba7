package dev.millrace.base;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The way to every SQLite database: whoever opens one asks here for its URL, which makes the driver
 * ready first. Needs the driver ({@code sqlite-jdbc}) on the class path. Thread-safe.
 *
 * <p>Left to itself, the driver copies its native code into {@code /tmp}, where a killed process
 * leaves it; so it is given a file in memory. Who sets one of its properties has it that way.
 */
public final class Sqlite {
  private static final String DIRECTORY = "org.sqlite.lib.path";
  private static final String NAME = "org.sqlite.lib.name";
  private static final String TEMPORARY = "org.sqlite.tmpdir";

  private Sqlite() {}

  /** The URL of the database in a file, for JDBC. */
  public static String url(Path file) {
    prepare();
    return "jdbc:sqlite:" + file;
  }

  private static synchronized void prepare() {
    if (System.getProperty(DIRECTORY) != null || System.getProperty(TEMPORARY) != null) {
      return;
    }
    Optional<Path> code = NativeCode.inMemory(resource());
    if (code.isPresent()) {
      System.setProperty(DIRECTORY, String.valueOf(code.get().getParent()));
      System.setProperty(NAME, String.valueOf(code.get().getFileName()));
    }
  }

  /** As the driver's jar has it; where there is none for this machine, the driver must know. */
  private static String resource() {
    String architecture = System.getProperty("os.arch", "").replace("amd64", "x86_64");
    return "org/sqlite/native/Linux/%s/libsqlitejdbc.so".formatted(architecture);
  }
}
