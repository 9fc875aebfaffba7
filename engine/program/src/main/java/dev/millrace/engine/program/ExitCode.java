package dev.millrace.engine.program;

/** How a command ends, for the script that called it. */
public enum ExitCode {
  /** It did what it was asked to do. */
  OK(0),
  /** What it was asked to do was tried and failed: a build, a test, a search without result. */
  FAILED(1),
  /** It was called wrongly. */
  USAGE(2),
  /** The machine or Millrace itself failed: no permission, disk full, a bug. */
  MACHINE(3);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** What the process ends with. */
  public int number() {
    return number;
  }
}
