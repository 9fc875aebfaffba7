package dev.millrace.spec;

/** Who runs a step and owns what it copies. */
public sealed interface Account {
  /** The administrator of a Unix system. */
  Account ROOT = new Unix(0, 0);

  /** A user and group of a Unix system, by number. */
  record Unix(int uid, int gid) implements Account {}

  /** A user of Windows, by name. */
  record Named(String name) implements Account {}
}
