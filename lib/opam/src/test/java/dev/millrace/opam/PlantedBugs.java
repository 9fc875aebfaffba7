package dev.millrace.opam;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * The readers with a bug behind them, which {@link OpamFuzzTest} must find: {@code millrace.bug}
 * names it. Each strikes on something that no input of the corpus has.
 */
public final class PlantedBugs {
  private PlantedBugs() {}

  /** What strikes. */
  enum Bug {
    /** Lists in lists. */
    NESTED_LIST,
    /** A number below -99. */
    LOW_NUMBER,
    /** An option of an option. */
    DOUBLE_OPTION,
    /** A negation of a negation. */
    DOUBLE_NEGATION,
    /** Whether a negation is defined. */
    DEFINED_NEGATION,
    /** A comparison of numbers. */
    COMPARED_NUMBERS,
    /** Something in three pairs of parentheses. */
    DEEP_FORMULA,
    /** An empty text with an option. */
    EMPTY_OPTIONED,
    /** A section in a section. */
    NESTED_SECTION,
    /** A version with three tildes at once. */
    TILDES;

    boolean strikes(byte[] bytes) {
      return switch (this) {
        case NESTED_LIST -> anyValue(bytes, value -> depth(value) >= 4);
        case LOW_NUMBER ->
            anyValue(bytes, value -> value instanceof Value.Int(var n, _) && n < -99);
        case DOUBLE_OPTION ->
            anyValue(bytes, value -> value instanceof Value.Option(Value.Option _, _, _));
        case DOUBLE_NEGATION ->
            anyValue(bytes, value -> value instanceof Value.Not(Value.Not _, _));
        case DEFINED_NEGATION ->
            anyValue(bytes, value -> value instanceof Value.Defined(Value.Not _, _));
        case COMPARED_NUMBERS ->
            anyValue(
                bytes, value -> value instanceof Value.RelopOf(_, Value.Int _, Value.Int _, _));
        case DEEP_FORMULA -> anyValue(bytes, value -> groups(value) >= 3);
        case EMPTY_OPTIONED ->
            anyValue(
                bytes,
                value ->
                    value instanceof Value.Option(Value.Str(var text, _), _, _) && text.isEmpty());
        case NESTED_SECTION ->
            items(bytes).stream()
                .anyMatch(
                    item ->
                        item instanceof Item.Section outer
                            && outer.items().stream().anyMatch(Item.Section.class::isInstance));
        case TILDES ->
            bytes.length > 0 && bytes[0] == 'v' && OpamText.decode(bytes).contains("~~~");
      };
    }
  }

  private static List<Item> items(byte[] bytes) {
    if (bytes.length == 0 || bytes[0] != 'f') {
      return List.of();
    }
    try {
      return OpamSyntax.parse(Arrays.copyOfRange(bytes, 1, bytes.length), "f");
    } catch (OpamParseException e) {
      return List.of();
    }
  }

  private static boolean anyValue(byte[] bytes, Predicate<Value> bad) {
    return items(bytes).stream()
        .anyMatch(item -> item instanceof Item.Field(_, var value, _) && anyMatch(value, bad));
  }

  private static boolean anyMatch(Value value, Predicate<Value> bad) {
    return bad.test(value) || parts(value).stream().anyMatch(part -> anyMatch(part, bad));
  }

  private static List<Value> parts(Value value) {
    return switch (value) {
      case Value.Bool _, Value.Int _, Value.Str _, Value.Ident _ -> List.of();
      case Value.RelopOf(_, var left, var right, _) -> List.of(left, right);
      case Value.PrefixRelop(_, var operand, _) -> List.of(operand);
      case Value.LogopOf(_, var left, var right, _) -> List.of(left, right);
      case Value.Not(var inner, _) -> List.of(inner);
      case Value.Defined(var inner, _) -> List.of(inner);
      case Value.ListOf(var items, _) -> items;
      case Value.Group(var items, _) -> items;
      case Value.Option(var inner, var options, _) -> {
        List<Value> all = new ArrayList<>(options);
        all.add(inner);
        yield all;
      }
      case Value.EnvOp(_, var left, var right, _) -> List.of(left, right);
    };
  }

  private static int depth(Value value) {
    return value instanceof Value.ListOf(var items, _)
        ? 1 + items.stream().mapToInt(PlantedBugs::depth).max().orElse(0)
        : 0;
  }

  private static int groups(Value value) {
    return value instanceof Value.Group(var items, _)
        ? 1 + items.stream().mapToInt(PlantedBugs::groups).max().orElse(0)
        : 0;
  }

  /** Takes the inputs of the corpus. */
  public static void fuzzerInitialize() {
    FuzzTargets.fuzzerInitialize();
  }

  /** Takes one input, and strikes. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    FuzzTargets.fuzzerTestOneInput(bytes);
    Bug bug = Bug.valueOf(System.getProperty("millrace.bug"));
    if (bug.strikes(bytes)) {
      throw new IllegalStateException("The planted bug " + bug);
    }
  }
}
