package dev.millrace.engine.core;

import java.util.List;

/**
 * The rules that tell from a failed job's log why it failed. What the best one reports becomes the
 * reason of the failure. Thread-safe.
 */
public interface LogRules {
  /** How many rules there may be. */
  int RULES_MAX = 500;

  /** All of them, the highest score first, then by their patterns. */
  List<LogRule> list();

  /**
   * Adds rules, each in place of the one with the same pattern if there is one; returns when they
   * are on the disk. All or none.
   *
   * @throws IllegalArgumentException if that would make more than {@link #RULES_MAX}
   * @throws EngineException if they cannot be stored now
   */
  void put(List<LogRule> rules, String who) throws InterruptedException;

  /**
   * Removes the rule with this pattern; says whether there was one.
   *
   * @throws EngineException if that cannot be stored now
   */
  boolean remove(String pattern, String who) throws InterruptedException;
}
