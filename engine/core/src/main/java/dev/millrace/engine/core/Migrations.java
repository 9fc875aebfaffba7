package dev.millrace.engine.core;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/** The steps that bring tables of a database from each of their versions to the present one. */
final class Migrations {
  private final FluentConfiguration configuration;

  private Migrations(FluentConfiguration configuration) {
    this.configuration = configuration;
  }

  /** The engine's own: SQL files in folders beside a class. */
  static Migrations of(Class<?> beside, List<String> folders) {
    String here = "classpath:" + beside.getPackageName().replace('.', '/') + "/";
    FluentConfiguration configuration =
        Flyway.configure(beside.getClassLoader())
            .loggers("slf4j")
            .locations(folders.stream().map(here::concat).toArray(String[]::new));
    // What keeps two engines from a step at once is a lock of the session then, and PostgreSQL does
    // the step and notes that it was done in one transaction, as SQLite always does. Else who is
    // killed between the two leaves a step that is to be done again, and fails, ever after.
    configuration
        .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
        .setTransactionalLock(false);
    return new Migrations(configuration);
  }

  /** The same with a history of their own, for tables that live beside others'. */
  Migrations withHistory(String table) {
    configuration.table(table).baselineOnMigrate(true).baselineVersion("0");
    return this;
  }

  /**
   * Does what is missing.
   *
   * @param name the database's, for people
   * @throws NewerRecordsException if a newer Millrace has been there; nothing is written then
   */
  void run(DataSource source, String name) {
    Flyway flyway = configuration.dataSource(source).load();
    MigrationInfoService steps = flyway.info();
    MigrationVersion known =
        Arrays.stream(steps.all())
            .filter(step -> step.getState().isResolved())
            .map(MigrationInfo::getVersion)
            .max(MigrationVersion::compareTo)
            .orElse(MigrationVersion.EMPTY);
    Optional<MigrationVersion> present =
        Optional.ofNullable(steps.current()).map(MigrationInfo::getVersion);
    if (present.isPresent() && present.get().compareTo(known) > 0) {
      throw new NewerRecordsException(name, present.get().toString(), known.toString());
    }
    // Which looks at everything once more.
    if (steps.pending().length > 0) {
      flyway.migrate();
    }
  }
}
