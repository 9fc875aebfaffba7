package dev.millrace.builder;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which system calls a step may make: one list, kept as data ({@code seccomp.txt}), from which the
 * configuration of an OCI runtime and a program for the kernel ({@code SeccompProgram}) are made.
 * Immutable.
 */
final class SeccompProfile {
  /** "Operation not permitted": the answer to a call that is not in the list. */
  static final int EPERM = 1;

  private static final Pattern CONDITION =
      Pattern.compile("arg([0-5]) (==|!=|& (0x[0-9a-f]+) ==) (0x[0-9a-f]+|[0-9]+)");

  private final List<Rule> rules;

  private SeccompProfile(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** What happens to a call. */
  sealed interface Action {
    /** It is made. */
    record Allow() implements Action {}

    /** It fails with this number; 0 lets it succeed without doing anything. */
    record Errno(int number) implements Action {}
  }

  /** How an argument is compared. */
  enum Comparison {
    EQUAL,
    NOT_EQUAL,
    MASKED_EQUAL
  }

  /** What an argument must be; {@code mask} counts for {@link Comparison#MASKED_EQUAL} only. */
  record Condition(int argument, Comparison comparison, long mask, long value) {}

  /** What happens to these calls when all conditions hold. */
  record Rule(List<String> names, Action action, List<Condition> conditions) {}

  /** The list of the builder. */
  static SeccompProfile standard(boolean fastSync) {
    return parse(resource("seccomp.txt"), fastSync);
  }

  /** The rules, in the order of the list. */
  List<Rule> rules() {
    return rules;
  }

  static SeccompProfile parse(String text, boolean fastSync) {
    List<String> always = new ArrayList<>();
    List<Rule> rules = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] halves = line.split(" if ", 2);
      List<String> words = List.of(halves[0].split(" +"));
      List<Condition> conditions = halves.length == 2 ? conditions(halves[1]) : List.of();
      switch (words.getFirst()) {
        case "allow" -> {
          if (conditions.isEmpty()) {
            always.addAll(words.subList(1, words.size()));
          } else {
            rules.add(new Rule(words.subList(1, words.size()), new Action.Allow(), conditions));
          }
        }
        case "errno" ->
            rules.add(
                new Rule(
                    words.subList(2, words.size()),
                    new Action.Errno(Integer.parseInt(words.get(1))),
                    conditions));
        case "sync" -> {
          if (fastSync) {
            rules.add(new Rule(words.subList(1, words.size()), new Action.Errno(0), List.of()));
          } else {
            always.addAll(words.subList(1, words.size()));
          }
        }
        default ->
            throw new IllegalArgumentException(
                "Cannot read line \"%s\": expected allow, errno or sync".formatted(line));
      }
    }
    rules.addFirst(new Rule(always, new Action.Allow(), List.of()));
    return new SeccompProfile(rules);
  }

  private static List<Condition> conditions(String text) {
    List<Condition> conditions = new ArrayList<>();
    for (String part : text.split(" and ")) {
      Matcher matcher = CONDITION.matcher(part);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "Cannot read condition \"%s\": expected argN, a comparison and a number"
                .formatted(part));
      }
      String mask = matcher.group(3);
      Comparison comparison =
          mask != null
              ? Comparison.MASKED_EQUAL
              : matcher.group(2).equals("==") ? Comparison.EQUAL : Comparison.NOT_EQUAL;
      conditions.add(
          new Condition(
              Integer.parseInt(matcher.group(1)),
              comparison,
              mask == null ? 0 : Long.decode(mask),
              Long.decode(matcher.group(4))));
    }
    return List.copyOf(conditions);
  }

  /** The {@code linux.seccomp} section of an OCI configuration for a machine's architectures. */
  Map<String, Object> toOci(List<String> architectures) {
    Map<String, Object> section = new LinkedHashMap<>();
    section.put("defaultAction", "SCMP_ACT_ERRNO");
    section.put("defaultErrnoRet", EPERM);
    section.put("architectures", architectures);
    section.put("syscalls", rules.stream().map(SeccompProfile::toOci).toList());
    return section;
  }

  private static Map<String, Object> toOci(Rule rule) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("names", rule.names());
    switch (rule.action()) {
      case Action.Allow() -> entry.put("action", "SCMP_ACT_ALLOW");
      case Action.Errno(int number) -> {
        entry.put("action", "SCMP_ACT_ERRNO");
        entry.put("errnoRet", number);
      }
    }
    if (!rule.conditions().isEmpty()) {
      entry.put("args", rule.conditions().stream().map(SeccompProfile::toOci).toList());
    }
    return entry;
  }

  private static Map<String, Object> toOci(Condition condition) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("index", condition.argument());
    switch (condition.comparison()) {
      case EQUAL -> {
        entry.put("value", condition.value());
        entry.put("op", "SCMP_CMP_EQ");
      }
      case NOT_EQUAL -> {
        entry.put("value", condition.value());
        entry.put("op", "SCMP_CMP_NE");
      }
      case MASKED_EQUAL -> {
        entry.put("value", condition.mask());
        entry.put("valueTwo", condition.value());
        entry.put("op", "SCMP_CMP_MASKED_EQ");
      }
    }
    return entry;
  }

  static String resource(String name) {
    try (InputStream stream = SeccompProfile.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException(
            "Resource \"%s\" is missing from the program".formatted(name));
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
