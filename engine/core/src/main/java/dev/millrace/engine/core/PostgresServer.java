package dev.millrace.engine.core;

import com.zaxxer.hikari.HikariConfig;
import dev.millrace.base.Secret;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * A database on a PostgreSQL server, which may go away and come back.
 *
 * <p>One engine has it at a time. An engine that starts takes a lock that the server gives back
 * when the writing connection ends, so that a second one is refused; and {@link Writer} makes sure
 * that one which has lost its connection cannot write after another has begun.
 */
record PostgresServer(DatabaseAddress address) implements Database {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** How long an answer may take: a connection without a peer must not hold the engine up. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);

  @Override
  public HikariConfig connections() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:postgresql://%s:%d/%s"
            .formatted(address.host(), address.port(), encode(address.database())));
    config.setUsername(address.user());
    config.setPassword(address.password().map(Secret::reveal).orElse(null));
    config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
    config.addDataSourceProperty("connectTimeout", CONNECT_TIMEOUT.toSeconds());
    config.addDataSourceProperty("socketTimeout", ANSWER_TIMEOUT.toSeconds());
    config.addDataSourceProperty("tcpKeepAlive", true);
    config.addDataSourceProperty("ApplicationName", "millrace");
    // Many rows in one message to the server: what a row costs is mostly the way there and back.
    config.addDataSourceProperty("reWriteBatchedInserts", true);
    address.parameters().forEach(config::addDataSourceProperty);
    return config;
  }

  private static String encode(String name) {
    return java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8);
  }

  @Override
  public List<String> migrations() {
    return List.of("migrations", "postgresql");
  }

  @Override
  public void claim(Handle writer) {
    String encoding = writer.createQuery("SHOW server_encoding").mapTo(String.class).one();
    if (!encoding.equals("UTF8")) {
      throw new EngineException(
          "The database \"%s\" must have the encoding UTF8, but has %s: make another one"
              .formatted(this, encoding));
    }
    boolean alone =
        writer
            .createQuery("SELECT pg_try_advisory_lock(hashtext('millrace ' || current_schema()))")
            .mapTo(Boolean.class)
            .one();
    if (!alone) {
      throw new EngineException(
          "The database \"%s\" is in use by another Millrace: stop that one, or choose another database"
              .formatted(this));
    }
  }

  @Override
  public Optional<String> passing(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException e) {
        Optional<String> what = passing(e);
        if (what.isPresent()) {
          return what;
        }
      }
    }
    return Optional.empty();
  }

  /** Its error codes: appendix A of PostgreSQL's manual. */
  private Optional<String> passing(SQLException failure) {
    String state = Optional.ofNullable(failure.getSQLState()).orElse("");
    boolean full = state.equals("53100");
    boolean away =
        failure instanceof SQLTransientConnectionException
            || failure.getCause() instanceof IOException
            // No connection; no room for one, or memory; it is shut down, or starts; read-only; it
            // gave way to somebody else.
            || state.matches("08...|53[02-4]..|57P0[1-5]|25006|40001|40P01");
    return full
        ? Optional.of(
            "The disk of the database \"%s\" is full: make room, and it goes on".formatted(this))
        : away
            ? Optional.of(
                "The database \"%s\" does not answer; it goes on once it does".formatted(this))
            : Optional.empty();
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
