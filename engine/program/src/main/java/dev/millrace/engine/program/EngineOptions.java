package dev.millrace.engine.program;

import dev.millrace.base.Secret;
import dev.millrace.engine.core.DatabaseAddress;
import dev.millrace.engine.core.EngineConfig;
import dev.millrace.engine.core.Level;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of an engine on a command line, for picocli's {@code @Mixin}. */
public final class EngineOptions {
  @Option(
      names = "--confirm",
      paramLabel = "LEVEL",
      converter = LevelText.class,
      description =
          "Hold jobs of this level and above until approved: harmless, mostly-harmless, average, above-average, dangerous.")
  private @Nullable Level confirm;

  @Option(
      names = "--confirm-auto-release",
      paramLabel = "TIME",
      converter = DurationText.class,
      description =
          "Hold jobs no more after this time, unless somebody has set the level meanwhile: a slow start after a deployment, such as 10m.")
  private @Nullable Duration confirmAutoRelease;

  @Option(
      names = "--keep-logs",
      paramLabel = "TIME",
      converter = DurationText.class,
      description =
          "Delete logs of jobs older than this that the pipeline shows no more, such as 30d (at least 1d). Default: keep all.")
  private @Nullable Duration keepLogs;

  @Option(
      names = "--keep-history",
      paramLabel = "N",
      description =
          "Keep the newest N jobs of each thing built, and delete older ones that the pipeline shows no more. Default: keep all.")
  private @Nullable Integer keepHistory;

  @Option(
      names = "--log-size-max",
      paramLabel = "SIZE",
      converter = SizeText.class,
      description =
          "Drop what a job prints beyond this, such as 500MiB (at least 1MiB). Default: 4GiB.")
  private @Nullable Long logSizeMax;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = {
        "Keep records in a PostgreSQL database, of which Millrace is the only user: postgresql://USER@HOST[:PORT]/DATABASE.",
        "Default: a file in the state directory."
      })
  private @Nullable String database;

  @Option(
      names = "--database-password-file",
      paramLabel = "FILE",
      description =
          "Where the database's password is (default: the environment variable MILLRACE_DATABASE_PASSWORD).")
  private @Nullable Path databasePassword;

  /**
   * A configuration with what was given.
   *
   * @throws CommandException if it cannot be meant
   */
  public EngineConfig apply(EngineConfig config) {
    try {
      return given(config);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  private EngineConfig given(EngineConfig config) {
    EngineConfig result = config;
    if (confirm != null) {
      result = result.withConfirm(confirm);
    }
    if (confirmAutoRelease != null) {
      if (confirm == null) {
        throw CommandException.usage("--confirm-auto-release needs --confirm: nothing is held");
      }
      result = result.withConfirmAutoRelease(confirmAutoRelease);
    }
    if (keepLogs != null) {
      result = result.withKeepLogs(keepLogs);
    }
    if (keepHistory != null) {
      result = result.withKeepHistory(keepHistory);
    }
    if (logSizeMax != null) {
      result = result.withLogSizeMax(logSizeMax);
    }
    if (database != null) {
      result = result.withDatabase(address(database));
    }
    return result;
  }

  private DatabaseAddress address(String text) {
    DatabaseAddress address = DatabaseAddress.parse(text);
    return password().map(address::withPassword).orElse(address);
  }

  private Optional<Secret> password() {
    if (databasePassword == null) {
      return Optional.ofNullable(System.getenv("MILLRACE_DATABASE_PASSWORD")).map(Secret::of);
    }
    try {
      return Optional.of(Secret.readFrom(databasePassword));
    } catch (IOException e) {
      throw CommandException.usage(
          "Cannot read the database's password from \"%s\": it must be a file that can be read"
              .formatted(databasePassword));
    }
  }

  private static final class LevelText implements ITypeConverter<Level> {
    @Override
    public Level convert(String text) {
      try {
        return Level.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
