package dev.millrace.engine.core;

import com.zaxxer.hikari.HikariConfig;
import dev.millrace.base.FullDisk;
import dev.millrace.base.Sqlite;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * A SQLite database in a file of the state directory, whose lock keeps other engines out.
 *
 * <p>{@code synchronous=FULL}: with NORMAL a power failure loses acknowledged commits.
 *
 * @param directory what messages name as the place where there is no room
 */
record SqliteFile(Path file, Path directory) implements Database {
  /** What a transaction changes beyond this is written, and read again, before its end. */
  private static final int CACHE_KIBIBYTES = 8_192;

  @Override
  public HikariConfig connections() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        Sqlite.url(file)
            + "?journal_mode=WAL&synchronous=FULL&foreign_keys=on&busy_timeout=10000&cache_size=-"
            + CACHE_KIBIBYTES);
    return config;
  }

  @Override
  public List<String> migrations() {
    return List.of("migrations");
  }

  @Override
  public void claim(Handle writer) {
    // The lock of the state directory is enough.
  }

  @Override
  public Optional<String> passing(Throwable failure) {
    return FullDisk.isCauseOf(failure)
        ? Optional.of(FullDisk.message(directory))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
