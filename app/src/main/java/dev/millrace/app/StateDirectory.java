package dev.millrace.app;

import java.nio.file.Path;

/** Where Millrace keeps its state unless told otherwise. */
final class StateDirectory {
  private StateDirectory() {}

  /**
   * {@code /var/lib/millrace} for root, else {@code $XDG_STATE_HOME/millrace} or {@code
   * ~/.local/state/millrace}.
   */
  static Path standard() {
    if (System.getProperty("user.name").equals("root")) {
      return Path.of("/var/lib/millrace");
    }
    String xdg = System.getenv("XDG_STATE_HOME");
    Path base =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(xdg);
    return base.resolve("millrace");
  }
}
