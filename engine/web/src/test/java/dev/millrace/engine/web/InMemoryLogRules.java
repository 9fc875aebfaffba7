package dev.millrace.engine.web;

import dev.millrace.engine.core.LogRule;
import dev.millrace.engine.core.LogRules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** Rules that last as long as the test, and who changed them. Thread-safe. */
final class InMemoryLogRules implements LogRules {
  private final TreeMap<String, LogRule> rules = new TreeMap<>();
  private final List<String> changes = new ArrayList<>();

  @Override
  public synchronized List<LogRule> list() {
    return rules.values().stream()
        .sorted(Comparator.comparingInt(LogRule::score).reversed())
        .toList();
  }

  @Override
  public synchronized void put(List<LogRule> added, String who) {
    if (rules.size() + added.size() > RULES_MAX) {
      throw new IllegalArgumentException("There may be at most " + RULES_MAX + " log rules.");
    }
    added.forEach(rule -> rules.put(rule.pattern(), rule));
    changes.add("put " + added.size() + " " + who);
  }

  @Override
  public synchronized boolean remove(String pattern, String who) {
    changes.add("remove " + pattern + " " + who);
    return rules.remove(pattern) != null;
  }

  /** What was changed, and by whom. */
  synchronized List<String> changes() {
    return List.copyOf(changes);
  }
}
