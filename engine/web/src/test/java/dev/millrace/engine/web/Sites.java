package dev.millrace.engine.web;

import dev.millrace.engine.core.LogRule;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A site with everything to see on it, and an empty one, each with its own engine. */
final class Sites implements AutoCloseable {
  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface full;
  private final WebInterface empty;

  Sites() throws IOException {
    TestObjects.addHostile(engine);
    TestObjects.addKnowledge(engine);
    engine.setResult(dev.millrace.engine.core.StageState.FAILED, false);
    engine
        .logRules()
        .put(
            List.of(
                new LogRule("Error: .*type (\\S+) but", "Types do not fit: \\1", 10),
                new LogRule(TestObjects.HOSTILE_TEXT.replaceAll("[^a-z<>=]", "."), "\\0", -5)),
            "nobody");
    full =
        start(engine, 0, Optional.of("hello at 1b2c3d4: Greet whoever comes, in their language"));
    empty = start(new ScriptedEngine(), 0);
  }

  static WebInterface start(ScriptedEngine engine, int port) throws IOException {
    return start(engine, port, Optional.empty());
  }

  private static WebInterface start(ScriptedEngine engine, int port, Optional<String> subject)
      throws IOException {
    return WebInterface.start(
        WebConfig.defaults()
            .withVersion("1.0")
            .withAddress("127.0.0.1", port)
            .withSubject(() -> subject),
        engine,
        InstantSource.fixed(TestObjects.NOW),
        List.of());
  }

  ScriptedEngine engine() {
    return engine;
  }

  String full() {
    return "http://127.0.0.1:" + full.port();
  }

  String empty() {
    return "http://127.0.0.1:" + empty.port();
  }

  @Override
  public void close() {
    full.close();
    empty.close();
  }
}
