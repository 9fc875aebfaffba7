package dev.millrace.engine.core;

import com.zaxxer.hikari.HikariConfig;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * A kind of database that records can be kept in: how it is reached, and what its failures mean.
 * All SQL beyond that is the same for all kinds. Immutable.
 */
interface Database {
  /** How it is connected to. */
  HikariConfig connections();

  /** The names of folders beside this class with the migrations that it needs. */
  List<String> migrations();

  /**
   * Refuses a database that cannot be used, or that another engine uses.
   *
   * @param writer the connection that will write, and by living says that it does
   * @throws EngineException with the reason
   */
  void claim(Handle writer);

  /**
   * Whether a failure will pass by itself or by what somebody does outside: what people are told
   * meanwhile. Empty if the database is broken, and what is written may be lost.
   */
  Optional<String> passing(Throwable failure);

  /** Its name in messages. */
  @Override
  String toString();
}
