package dev.millrace.engine.core;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.transaction.TransactionException;

/**
 * Tables of a plugin's own in the database of an engine; {@link Engine#tables} makes them.
 * Thread-safe.
 *
 * <p>The tables' names begin with the plugin's name and a {@code _}; those of others are none of
 * its business, and may change. What it reads and writes is SQL that SQLite and PostgreSQL have in
 * common: {@code BIGINT} for numbers and times (microseconds since 1970), {@code TEXT} (without the
 * character U+0000), {@code ON CONFLICT}, no types or functions of either.
 */
public final class PluginTables {
  private final JobStore store;
  private final Recorder recorder;

  /** Reads something from a connection, which is not to be kept. */
  @FunctionalInterface
  public interface Reading<T> {
    /** What it reads. */
    T from(Connection connection) throws SQLException;
  }

  /**
   * Changes something through a connection, which is neither to be kept nor to be committed.
   *
   * <p>It is called on the thread that writes all records, and so must be short and wait for
   * nothing. It may be called again, after what it did was undone.
   */
  @FunctionalInterface
  public interface Change {
    /** Makes the change. */
    void make(Connection connection) throws SQLException;
  }

  PluginTables(JobStore store, Recorder recorder) {
    this.store = store;
    this.recorder = recorder;
  }

  /**
   * Reads what is committed.
   *
   * @throws EngineException if it cannot be read (now)
   */
  public <T> T read(Reading<T> reading) {
    return store.read(
        handle -> {
          try {
            return reading.from(handle.getConnection());
          } catch (SQLException e) {
            throw store.unreadable(e);
          }
        });
  }

  /**
   * Makes a change, all or nothing, and returns when it is on the disk. What comes at the same time
   * shares the cost of that.
   *
   * @param what what it stores, for people, such as {@code "A badge"}
   * @throws EngineException if it cannot be made (now)
   */
  public void write(String what, Change change) throws InterruptedException {
    AtomicReference<Optional<Exception>> failure = new AtomicReference<>(Optional.empty());
    recorder.write(what, handle -> failure.set(tryMake(change, handle.getConnection())), () -> {});
    if (failure.get().isPresent()) {
      throw new EngineException(
          "%s cannot be stored: %s".formatted(what, Traces.rootMessage(failure.get().get())),
          failure.get().get());
    }
  }

  // The boundary to the plugin's code: what it throws undoes its own change, and no other.
  @SuppressWarnings("CatchingUnchecked")
  private Optional<Exception> tryMake(Change change, Connection connection) {
    try {
      Savepoint before = connection.setSavepoint();
      try {
        change.make(connection);
        connection.releaseSavepoint(before);
        return Optional.empty();
      } catch (SQLException | RuntimeException e) {
        if (store.passing(e).isPresent()) {
          throw e;
        }
        connection.rollback(before);
        return Optional.of(e);
      }
    } catch (SQLException e) {
      // The recorder knows what to do about it.
      throw new TransactionException(e);
    }
  }
}
