package dev.millrace.engine.core;

import java.util.Optional;
import java.util.function.Function;

/** A pipeline of one operation on a key and a value that the test sets. Test thread only. */
final class OneOperation {
  private Optional<Variable<String>> key = Optional.empty();
  private Optional<Variable<String>> value = Optional.empty();

  /** What is to be brought to the value, {@code a} at first. */
  Variable<String> key() {
    return key.orElseThrow();
  }

  /** What it is to be brought to, {@code 1} at first. */
  Variable<String> value() {
    return value.orElseThrow();
  }

  Function<Engine, Current<?>> pipeline(ManualOperation operation) {
    return pipeline(operation, Schedule.ALWAYS);
  }

  Function<Engine, Current<?>> pipeline(ManualOperation operation, Schedule schedule) {
    return engine -> {
      key = Optional.of(engine.variable("key", Outcome.ok("a")));
      value = Optional.of(engine.variable("value", Outcome.ok("1")));
      return engine.run(operation.id(), operation, key().current(), value().current(), schedule);
    };
  }
}
