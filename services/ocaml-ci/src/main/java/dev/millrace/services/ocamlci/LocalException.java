package dev.millrace.services.ocamlci;

import org.jspecify.annotations.Nullable;

/** {@link LocalCi} cannot do what it was asked to; the message is one line for the user. */
public final class LocalException extends RuntimeException {
  private final Kind kind;

  /** Whose fault it is. */
  public enum Kind {
    /** It was asked for wrongly. */
    USAGE,
    /** The project cannot be tested as it is. */
    PROJECT,
    /** The state is that of a newer Millrace. */
    STATE,
    /** There is no room for the state. */
    DISK_FULL,
    /** The machine lacks something or refuses something. */
    MACHINE
  }

  LocalException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Whose fault it is. */
  public Kind kind() {
    return kind;
  }
}
