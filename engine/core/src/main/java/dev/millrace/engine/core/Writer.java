package dev.millrace.engine.core;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection that writes the records. One thread at a time.
 *
 * <p>It keeps the statements that it has prepared, since what preparing costs is a large part of
 * what writing a row does.
 *
 * <p>Each engine that opens the records for writing gets a number of its own, and so does each of
 * its transactions; both are in the one row of the table {@code writer}, which every transaction
 * changes. So an engine that another has followed cannot write any more, and after a connection was
 * lost in the middle of a commit the next one can tell whether it was made.
 */
final class Writer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  private static final int PROBE_SECONDS = 5;

  private final Jdbi jdbi;
  private final Database database;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  /** The operations that are known to have a row; only a transaction that ends well is kept. */
  private final Set<String> operations = new HashSet<>();

  private Handle handle;
  private long epoch;
  private long transaction;

  /** Whether a connection was lost, and it is not known yet what became of its transaction. */
  private boolean unsettled;

  private Writer(Jdbi jdbi, Database database, Handle handle) {
    this.jdbi = jdbi;
    this.database = database;
    this.handle = handle;
  }

  /**
   * Opens the records for writing, to the exclusion of whoever wrote them before.
   *
   * @throws EngineException if another engine has them
   */
  static Writer open(Jdbi jdbi, Database database) {
    Handle handle = jdbi.open();
    boolean done = false;
    try {
      database.claim(handle);
      Writer writer = new Writer(jdbi, database, handle);
      handle.useTransaction(_ -> writer.begin());
      done = true;
      return writer;
    } finally {
      if (!done) {
        quietly(handle::close);
      }
    }
  }

  private void begin() {
    int rows = handle.execute("UPDATE writer SET epoch = epoch + 1, batch = 0");
    if (rows != 1) {
      throw new EngineException(
          "The database \"%s\" is damaged: its table \"writer\" must have one row"
              .formatted(database));
    }
    epoch = handle.createQuery("SELECT epoch FROM writer").mapTo(Long.class).one();
  }

  Handle handle() {
    return handle;
  }

  Connection connection() {
    return handle.getConnection();
  }

  /**
   * Does some work in one transaction, all or nothing.
   *
   * @throws JdbiException if it was not done, or (the connection was lost) perhaps was
   * @throws EngineException if another engine has the records now
   */
  void transact(Consumer<Writer> work) {
    run(
        writer -> {
          writer.sign();
          work.accept(writer);
        });
    transaction++;
  }

  /** Does some work that writes nothing, in one transaction. */
  void read(Consumer<Writer> work) {
    run(work);
  }

  private void run(Consumer<Writer> work) {
    boolean done = false;
    try {
      handle.useTransaction(_ -> work.accept(this));
      done = true;
    } finally {
      if (!done) {
        forget();
      }
    }
  }

  /** First of all, so that the row stays locked until the server has ended the transaction. */
  private void sign() {
    requireOurs(update("UPDATE writer SET batch = ? WHERE epoch = ?", transaction + 1, epoch));
  }

  private void requireOurs(int rows) {
    if (rows != 1) {
      throw new EngineException(
          "Another Millrace has taken over the database \"%s\"".formatted(database));
    }
  }

  /**
   * After {@link #transact} has failed: connects anew if the connection was lost, and says whether
   * the transaction was made after all.
   *
   * @throws JdbiException if there is no connection yet
   * @throws EngineException if another engine has the records now
   */
  boolean recover() {
    if (!isConnected()) {
      unsettled = true;
      quietly(handle::close);
      handle = jdbi.open();
    }
    if (!unsettled) {
      return false;
    }
    claimAgain();
    boolean made = wasMade();
    unsettled = false;
    if (made) {
      transaction++;
    }
    return made;
  }

  private void claimAgain() {
    try {
      database.claim(handle);
    } catch (EngineException e) {
      // Perhaps by our own connection, which the server has not given up: the epoch will tell.
      LOG.warn("Connected again, but: {}", e.getMessage());
    }
  }

  /** Whether the transaction after the last one that is known to be made was made too. */
  private boolean wasMade() {
    boolean[] made = new boolean[1];
    run(
        _ -> {
          // An update, because it waits for the end of a transaction that the server still has.
          requireOurs(update("UPDATE writer SET batch = batch WHERE epoch = ?", epoch));
          made[0] =
              handle.createQuery("SELECT batch FROM writer").mapTo(Long.class).one() > transaction;
        });
    return made[0];
  }

  private boolean isConnected() {
    try {
      return connection().isValid(PROBE_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  /** A transaction was undone: what is known is not certain, and the statements are half run. */
  private void forget() {
    operations.clear();
    closeStatements();
  }

  /** Whether it is new to this connection that there is such an operation. */
  boolean isNew(String operation) {
    return operations.add(operation);
  }

  /** Gives a statement its parameters, in order. */
  PreparedStatement bind(String sql, @Nullable Object... parameters) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection().prepareStatement(sql);
      statements.put(sql, statement);
    }
    for (int i = 0; i < parameters.length; i++) {
      Object parameter = parameters[i];
      statement.setObject(
          i + 1, parameter instanceof String text ? StoredText.of(text) : parameter);
    }
    return statement;
  }

  /** Runs a statement that changes rows, and says how many. */
  int update(String sql, @Nullable Object... parameters) {
    try {
      return bind(sql, parameters).executeUpdate();
    } catch (SQLException e) {
      throw new TransactionException(e);
    }
  }

  private void closeStatements() {
    for (PreparedStatement statement : statements.values()) {
      try {
        statement.close();
      } catch (SQLException e) {
        // The connection goes too, and all it holds with it.
      }
    }
    statements.clear();
  }

  private static void quietly(Runnable close) {
    try {
      close.run();
    } catch (JdbiException e) {
      // What it was closed for says more.
    }
  }

  @Override
  public void close() {
    closeStatements();
    quietly(handle::close);
  }
}
