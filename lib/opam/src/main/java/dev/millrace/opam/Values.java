package dev.millrace.opam;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What values mean in the fields of a package file. */
final class Values {
  /** The longest list that is read; the formula made of it is as deep as it is long. */
  private static final int LIST_MAX = 1000;

  private static final int SHOWN_ITEMS_MAX = 20;

  /** The deepest formula that is made; a list in it adds its length. */
  private static final int FORMULA_DEPTH_MAX = 1500;

  private Values() {}

  /**
   * Checks that a formula made of a value is not so deep that recursion over it could fail. Lists
   * that stand for themselves, as those of commands, are as long as {@link #elements} allows.
   */
  static void requireShallow(Value value) {
    int depth = formulaDepth(value);
    if (depth > FORMULA_DEPTH_MAX) {
      throw new MisfitException(
          value.at(),
          "expected a formula at most %d deep but found one of %d"
              .formatted(FORMULA_DEPTH_MAX, depth));
    }
  }

  /** Recurs as deep as the parser lets values nest. */
  private static int formulaDepth(Value value) {
    return switch (value) {
      case Value.Group(var items, _) -> items.size() + deepest(items);
      case Value.Option(var inner, var options, _) ->
          options.size() + Math.max(formulaDepth(inner), deepest(options));
      case Value.ListOf(var items, _) -> deepest(items);
      case Value.LogopOf(_, var left, var right, _) ->
          1 + Math.max(formulaDepth(left), formulaDepth(right));
      case Value.Not(var inner, _) -> 1 + formulaDepth(inner);
      case Value.Defined(var inner, _) -> 1 + formulaDepth(inner);
      case Value.Bool _,
          Value.Int _,
          Value.Str _,
          Value.Ident _,
          Value.RelopOf _,
          Value.PrefixRelop _,
          Value.EnvOp _ ->
          0;
    };
  }

  private static int deepest(List<Value> items) {
    return items.stream().mapToInt(Values::formulaDepth).max().orElse(0);
  }

  static String string(Value value) {
    if (value instanceof Value.Str(var text, _)) {
      return text;
    }
    throw misfit(value, "a string");
  }

  static String word(Value value) {
    return value instanceof Value.Ident(var name, _) ? name : string(value);
  }

  /** Reads a list of anything; a single thing may stand without brackets. */
  static <T> List<T> list(Value value, Function<Value, T> element) {
    return elements(value).stream().map(element).toList();
  }

  static List<Value> elements(Value value) {
    List<Value> items = value instanceof Value.ListOf(var inner, _) ? inner : List.of(value);
    if (items.size() > LIST_MAX) {
      throw new MisfitException(
          value.at(),
          "expected a list of at most %d items but found %d".formatted(LIST_MAX, items.size()));
    }
    return items;
  }

  static <T> Filtered<T> filtered(Value value, Function<Value, T> element) {
    return value instanceof Value.Option(var inner, var options, _)
        ? new Filtered<>(element.apply(inner), Optional.of(filter(options)))
        : new Filtered<>(element.apply(value), Optional.empty());
  }

  private static Filter filter(List<Value> options) {
    return options.stream()
        .map(Values::filter)
        .reduce(Filter.And::new)
        .orElseGet(() -> new Filter.Bool(true));
  }

  /** Reads {@code available:}, one filter or a list of filters that must all hold. */
  static Filter filters(Value value) {
    return value instanceof Value.ListOf list ? filter(elements(list)) : filter(value);
  }

  static Filter filter(Value value) {
    return switch (value) {
      case Value.Bool(var bool, _) -> new Filter.Bool(bool);
      case Value.Int(var number, _) -> new Filter.Text(Long.toString(number));
      case Value.Str(var text, _) -> new Filter.Text(text);
      case Value.Ident(var name, _) -> new Filter.Ident(Variable.parse(name));
      case Value.RelopOf(var op, var left, var right, _) ->
          new Filter.Compare(op, filter(left), filter(right));
      case Value.LogopOf(var op, var left, var right, _) ->
          op == Value.Logop.AND
              ? new Filter.And(filter(left), filter(right))
              : new Filter.Or(filter(left), filter(right));
      case Value.Not(var inner, _) -> new Filter.Not(filter(inner));
      case Value.Defined(var inner, _) -> new Filter.Defined(filter(inner));
      case Value.Group(var items, _) when items.size() == 1 -> filter(items.getFirst());
      case Value.Group _, Value.ListOf _, Value.Option _, Value.PrefixRelop _, Value.EnvOp _ ->
          throw misfit(value, "a filter");
    };
  }

  /** Reads {@code depends:}, all of whose items must hold. */
  static Formula<Dependency> depends(Value value) {
    return Formula.ands(list(value, Values::dependency));
  }

  /** Reads {@code depopts:} and {@code conflicts:}, any of whose packages counts. */
  static Formula<Dependency> alternatives(Value value) {
    List<Formula<Dependency>> atoms = new ArrayList<>();
    for (Formula<Dependency> item : list(value, Values::dependency)) {
      item.forEachAtom(atom -> atoms.add(Formula.atom(atom)));
    }
    return Formula.ors(atoms);
  }

  private static Formula<Dependency> dependency(Value value) {
    return switch (value) {
      case Value.Str text -> Formula.atom(new Dependency(packageName(text), Formula.empty()));
      case Value.Option(var name, var conditions, _) ->
          Formula.atom(
              new Dependency(
                  packageName(name),
                  Formula.ands(conditions.stream().map(c -> condition(c, false)).toList())));
      case Value.Group(var items, _) ->
          Formula.block(Formula.ands(items.stream().map(Values::dependency).toList()));
      case Value.LogopOf(var op, var left, var right, _) ->
          op == Value.Logop.AND
              ? Formula.and(dependency(left), dependency(right))
              : Formula.or(dependency(left), dependency(right));
      case Value.Bool _,
          Value.Int _,
          Value.Ident _,
          Value.RelopOf _,
          Value.PrefixRelop _,
          Value.Not _,
          Value.Defined _,
          Value.ListOf _,
          Value.EnvOp _ ->
          throw misfit(value, "a package");
    };
  }

  static PackageName packageName(Value value) {
    return PackageName.find(string(value)).orElseThrow(() -> misfit(value, "a package name"));
  }

  static PackageVersion packageVersion(Value value) {
    return PackageVersion.find(string(value)).orElseThrow(() -> misfit(value, "a package version"));
  }

  private static Formula<Condition> condition(Value value, boolean negated) {
    return switch (value) {
      case Value.PrefixRelop(var op, var operand, _) ->
          Formula.atom(new Condition.Version(negated ? op.negated() : op, versionValue(operand)));
      case Value.LogopOf(var op, var left, var right, _) -> {
        Formula<Condition> l = condition(left, negated);
        Formula<Condition> r = condition(right, negated);
        yield (op == Value.Logop.AND) != negated ? Formula.and(l, r) : Formula.or(l, r);
      }
      case Value.Not(var inner, _) -> condition(inner, !negated);
      case Value.Group(var items, _) -> {
        List<Formula<Condition>> inner =
            items.stream().map(item -> condition(item, negated)).toList();
        yield Formula.block(negated ? Formula.ors(inner) : Formula.ands(inner));
      }
      case Value.Bool _,
          Value.Int _,
          Value.Str _,
          Value.Ident _,
          Value.RelopOf _,
          Value.Defined _,
          Value.ListOf _,
          Value.Option _,
          Value.EnvOp _ -> {
        Filter filter = filter(value);
        yield Formula.atom(new Condition.When(negated ? new Filter.Not(filter) : filter));
      }
    };
  }

  private static Filter versionValue(Value value) {
    if (value instanceof Value.Ident(var name, _)) {
      return new Filter.Ident(Variable.parse(name));
    }
    String text = string(value);
    if (PackageVersion.find(Interpolation.replace(text, "%", _ -> "-")).isEmpty()) {
      throw misfit(value, "a package version");
    }
    return new Filter.Text(text);
  }

  static OpamCommand command(Value value) {
    Filtered<List<Filtered<OpamCommand.Argument>>> command =
        filtered(value, words -> list(words, word -> filtered(word, Values::argument)));
    return new OpamCommand(command.value(), command.filter());
  }

  /** Reads a list of commands; a single command may stand without the outer brackets. */
  static List<OpamCommand> commands(Value value) {
    boolean many =
        value instanceof Value.ListOf(var items, _)
            && (items.isEmpty() || items.stream().anyMatch(Values::isCommand));
    return many ? list(value, Values::command) : List.of(command(value));
  }

  private static boolean isCommand(Value value) {
    return value instanceof Value.ListOf || value instanceof Value.Option(Value.ListOf _, _, _);
  }

  private static OpamCommand.Argument argument(Value value) {
    return switch (value) {
      case Value.Str(var text, _) -> new OpamCommand.Argument.Text(text);
      case Value.Ident(var name, _) -> new OpamCommand.Argument.Ident(Variable.parse(name));
      default -> throw misfit(value, "an argument");
    };
  }

  static OpamHash hash(Value value) {
    return OpamHash.find(string(value)).orElseThrow(() -> misfit(value, "a checksum"));
  }

  static PinDepend pinDepend(Value value) {
    List<Value> pair = pair(value, "a package and a URL");
    Package target =
        Package.find(string(pair.get(0)))
            .orElseThrow(() -> misfit(pair.get(0), "a package NAME.VERSION"));
    return new PinDepend(target, string(pair.get(1)));
  }

  static ExtraFile extraFile(Value value) {
    List<Value> pair = pair(value, "a file name and a checksum");
    return new ExtraFile(string(pair.get(0)), hash(pair.get(1)));
  }

  private static List<Value> pair(Value value, String what) {
    if (value instanceof Value.ListOf(var items, _) && items.size() == 2) {
      return items;
    }
    throw misfit(value, what);
  }

  /** Reads a list of pairs; a single pair may stand without the outer brackets. */
  static <T> List<T> pairs(Value value, Function<Value, T> pair) {
    boolean single =
        value instanceof Value.ListOf(var items, _)
            && !items.isEmpty()
            && items.getFirst() instanceof Value.Str;
    return single ? List.of(pair.apply(value)) : list(value, pair);
  }

  static Depexts depexts(Value value) {
    boolean single =
        value instanceof Value.Option(Value.ListOf _, _, _)
            || (value instanceof Value.ListOf(var items, _)
                && !items.isEmpty()
                && items.stream().allMatch(Value.Str.class::isInstance));
    Function<Value, Filtered<List<String>>> group =
        item ->
            item instanceof Value.ListOf(var pair, _)
                    && pair.size() == 2
                    && pair.getFirst() instanceof Value.ListOf
                ? taggedDepexts(pair.getFirst(), pair.getLast())
                : filtered(item, words -> list(words, Values::string));
    return new Depexts(single ? List.of(group.apply(value)) : list(value, group));
  }

  /** Reads opam 1's form, in which a platform is described by tags that must all fit it. */
  private static Filtered<List<String>> taggedDepexts(Value tags, Value packages) {
    Optional<Filter> filter =
        list(tags, Values::string).stream().map(Values::platformTag).reduce(Filter.And::new);
    return new Filtered<>(list(packages, Values::string), filter);
  }

  private static Filter platformTag(String tag) {
    return Stream.of("os", "os-distribution", "os-family", "arch")
        .map(variable -> (Filter) new Filter.Ident(Variable.parse(variable)))
        .map(variable -> (Filter) new Filter.Compare(Relop.EQ, variable, new Filter.Text(tag)))
        .reduce(Filter.Or::new)
        .orElseThrow();
  }

  static MisfitException misfit(Value value, String expected) {
    // Of a long list only the first items: the whole would be printed for each misfit in it.
    Value some =
        value instanceof Value.ListOf(var items, var at) && items.size() > SHOWN_ITEMS_MAX
            ? new Value.ListOf(items.subList(0, SHOWN_ITEMS_MAX), at)
            : value;
    String text = OpamPrinter.print(some).replace("\n", "\\n");
    String shown = text.length() <= 60 ? text : text.substring(0, 60) + "…";
    return new MisfitException(value.at(), "expected %s but found %s".formatted(expected, shown));
  }
}
