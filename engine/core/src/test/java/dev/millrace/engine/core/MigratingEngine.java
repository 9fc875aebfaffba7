package dev.millrace.engine.core;

import java.nio.file.Path;

/**
 * The program of {@link MigrationIT}: takes over the records in a state directory, and ends.
 * Arguments: the state directory, the bug that is planted.
 */
final class MigratingEngine {
  private MigratingEngine() {}

  public static void main(String[] arguments) throws Exception {
    Plant.parse(arguments[1]).install();
    EngineConfig config = EngineConfig.in(Path.of(arguments[0]));
    try (Engine engine = Engine.start(config, _ -> Current.of(""))) {
      System.out.println(engine.outline());
    }
  }
}
