package dev.millrace.engine.core;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A pipeline as one line of text, for tests and terminals:
 *
 * <pre>
 *   a >>= build           an operation or a named part that depends on a
 *   (a || b)              both together
 *   a >> gate (b)         a, once b is good
 *   a >> each (b, c)      a pipeline for each member of a list
 *   state(a), catch(a)    its outcome as a value
 *   [a]                   a labelled constant; (const): one without a label
 *   (blocked)             a part that is not there yet
 *   ...                   a stage that is written out further left
 * </pre>
 *
 * Functions and hidden stages are not seen. To be made by the evaluation thread.
 */
final class Outline {
  private final Set<Current<?>> written = Collections.newSetFromMap(new IdentityHashMap<>());
  private final StringBuilder text = new StringBuilder();

  /** What is to be written, next first: texts and stages. No recursion: pipelines are deep. */
  private final Deque<Object> left = new ArrayDeque<>();

  private Outline() {}

  static String of(Current<?> root) {
    return new Outline().write(root);
  }

  private String write(Current<?> root) {
    left.push(root);
    while (!left.isEmpty()) {
      Object next = left.pop();
      if (!(next instanceof Current<?> stage)) {
        text.append(next);
      } else if (stage.shape() instanceof Shape.Constant(Optional<String> label)) {
        text.append(label.map(name -> "[" + name + "]").orElse("(const)"));
      } else if (written.add(stage)) {
        open(stage);
      } else {
        text.append("...");
      }
    }
    return text.toString();
  }

  private void open(Current<?> stage) {
    switch (stage.shape()) {
      case Shape.Constant _ -> throw new IllegalStateException("A constant is written at once");
      case Shape.Source source -> text.append(source.label());
      case Shape.Item item -> text.append(item.label().get());
      case Shape.Function(List<Current<?>> sources) -> together(sources, "");
      case Shape.Gate gate -> push(gate.value(), " >> gate (", gate.control(), ")");
      case Shape.Reading reading -> {
        if (reading.label().isPresent()) {
          push(reading.label().get() + "(", reading.source(), ")");
        } else {
          push(reading.source());
        }
      }
      case Shape.Gateway gateway ->
          push(gateway.source(), gateway.label().map(name -> " >>= " + name).orElse(""));
      case Shape.Bind bind ->
          push(
              bind.gateway(),
              " >> ",
              bind.chosen().get().<Object>map(chosen -> chosen).orElse("(blocked)"));
      case Shape.Run run ->
          together(
              run.sources().stream().filter(source -> !isPlain(source)).toList(),
              " >>= " + run.label().get());
      case Shape.Each each -> {
        Deque<Object> all = new ArrayDeque<>(List.of(each.source(), " >> each ("));
        String comma = "";
        for (Current<?> part : each.parts().get()) {
          all.add(comma);
          all.add(part);
          comma = ", ";
        }
        all.add(")");
        push(all.toArray());
      }
    }
  }

  private static boolean isPlain(Current<?> stage) {
    return stage.shape() instanceof Shape.Constant(Optional<String> label)
        && label.isEmpty()
        && stage.observe().isOk();
  }

  private void together(List<Current<?>> sources, String after) {
    Deque<Object> all = new ArrayDeque<>();
    all.add(sources.size() > 1 ? "(" : "");
    String or = "";
    for (Current<?> source : sources) {
      all.add(or);
      all.add(source);
      or = " || ";
    }
    all.add(sources.size() > 1 ? ")" : "");
    all.add(sources.isEmpty() && after.startsWith(" >>= ") ? after.substring(5) : after);
    push(all.toArray());
  }

  private void push(Object... parts) {
    for (int i = parts.length - 1; i >= 0; i--) {
      left.push(parts[i]);
    }
  }
}
