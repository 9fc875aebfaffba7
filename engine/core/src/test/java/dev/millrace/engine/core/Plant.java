package dev.millrace.engine.core;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Bugs that experiments plant in an engine to see that they would find them. All but the first are
 * in what the engine stands on, so that its own code needs no switch.
 */
enum Plant {
  /** No bug. */
  NONE,
  /** The database says that it has committed when it has not yet. */
  LAZY_COMMIT,
  /** The database does not wait for the disk. */
  UNSYNCED_COMMIT,
  /** The database says that it has committed though the disk has failed. */
  DEAF_COMMIT,
  /** The database commits each statement by itself. */
  NO_TRANSACTIONS,
  /** Whoever restarts the engine cuts finished logs in two. */
  CUT_LOG,
  /** Whoever restarts the engine leaves a file behind. */
  LEFTOVER;

  private static final int LAZY_OF = 50;

  static Plant parse(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private boolean isOfTheDatabase() {
    return switch (this) {
      case LAZY_COMMIT, UNSYNCED_COMMIT, DEAF_COMMIT, NO_TRANSACTIONS -> true;
      case NONE, CUT_LOG, LEFTOVER -> false;
    };
  }

  /** Plants the bug in this process, before its engine starts, if it is one of the database. */
  void install() throws SQLException {
    if (isOfTheDatabase()) {
      for (String url : List.of("jdbc:sqlite:", "jdbc:postgresql://localhost/")) {
        Driver real = DriverManager.getDriver(url);
        DriverManager.deregisterDriver(real);
        DriverManager.registerDriver(new CarelessDriver(real, this));
      }
    }
  }

  /** The driver of the database, with a bug. */
  private record CarelessDriver(Driver real, Plant plant) implements Driver {
    @Override
    public @Nullable Connection connect(String url, Properties info) throws SQLException {
      if (plant == UNSYNCED_COMMIT) {
        return real.connect(url.replace("synchronous=FULL", "synchronous=NORMAL"), info);
      }
      Connection connection = real.connect(url, info);
      return connection == null ? null : careless(connection, plant);
    }

    @Override
    public boolean acceptsURL(String url) throws SQLException {
      return real.acceptsURL(url);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) throws SQLException {
      return real.getPropertyInfo(url, info);
    }

    @Override
    public int getMajorVersion() {
      return real.getMajorVersion();
    }

    @Override
    public int getMinorVersion() {
      return real.getMinorVersion();
    }

    @Override
    public boolean jdbcCompliant() {
      return real.jdbcCompliant();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
      return real.getParentLogger();
    }
  }

  private static Connection careless(Connection connection, Plant plant) {
    AtomicInteger commits = new AtomicInteger();
    return (Connection)
        Proxy.newProxyInstance(
            Plant.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, arguments) -> {
              boolean ends =
                  method.getName().equals("commit")
                      || (method.getName().equals("setAutoCommit") && arguments[0].equals(true));
              if (plant == NO_TRANSACTIONS) {
                return ends || method.getName().equals("setAutoCommit")
                    ? null
                    : call(connection, method, arguments);
              }
              // Migrations, which other threads do, are let alone.
              if (!Thread.currentThread().getName().equals("millrace-recorder")) {
                return call(connection, method, arguments);
              }
              if (method.getName().equals("getAutoCommit")) {
                return true;
              }
              if (plant == DEAF_COMMIT) {
                return ends
                    ? callDeaf(connection, method, arguments)
                    : call(connection, method, arguments);
              }
              boolean lazy = ends && commits.getAndIncrement() % (2 * LAZY_OF) < 2 * LAZY_OF - 2;
              return lazy ? null : call(connection, method, arguments);
            });
  }

  private static @Nullable Object callDeaf(
      Connection connection, Method method, @Nullable Object[] arguments) throws Throwable {
    try {
      return call(connection, method, arguments);
    } catch (SQLException e) {
      return null;
    }
  }

  private static @Nullable Object call(
      Connection connection, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(connection, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
