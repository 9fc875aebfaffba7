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
  private static final List<String> SEPARATORS = List.of(":", ";");
  private static final List<String> PATH_FORMATS =
      List.of("host", "target", "host-quoted", "target-quoted");

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
    if (value instanceof Value.Ident(var name, _)) {
      return name;
    }
    throw misfit(value, "an identifier");
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
        ? new Filtered<>(element.apply(inner), Optional.of(filter(options, value)))
        : new Filtered<>(element.apply(value), Optional.empty());
  }

  private static Filter filter(List<Value> values, Value where) {
    if (values.size() > 1) {
      throw misfit(where, "a single filter");
    }
    return values.isEmpty() ? new Filter.Bool(true) : filter(values.getFirst());
  }

  /** Reads {@code available:}, one filter, with or without brackets. */
  static Filter filters(Value value) {
    return value instanceof Value.ListOf list ? filter(elements(list), value) : filter(value);
  }

  /** Reads {@code ocaml-version:}, constraints that must all hold. */
  static Filter compilerVersions(Value value) {
    return all(value, item -> constraint(item, "ocaml-version", false));
  }

  /** Reads {@code os:}, names of systems. */
  static Filter systems(Value value) {
    return all(value, item -> constraint(item, "os", true));
  }

  private static Filter all(Value value, Function<Value, Filter> item) {
    return list(value, item).stream()
        .reduce(Filter.And::new)
        .orElseGet(() -> new Filter.Bool(true));
  }

  /** A comparison of a variable, in which the variable is left out. */
  private static Filter constraint(Value value, String variable, boolean plain) {
    Filter.Ident ident = new Filter.Ident(Variable.parse(variable));
    return switch (value) {
      case Value.Str(var text, _) when plain ->
          new Filter.Compare(Relop.EQ, ident, new Filter.Text(text));
      case Value.Not(Value.Str(var text, _), _) when plain ->
          new Filter.Compare(Relop.NEQ, ident, new Filter.Text(text));
      case Value.PrefixRelop(var op, Value.Str(var text, _), _) when !plain ->
          new Filter.Compare(op, ident, new Filter.Text(text));
      case Value.Not(var inner, _) -> new Filter.Not(constraint(inner, variable, plain));
      case Value.Group(var items, _) when items.size() == 1 ->
          constraint(items.getFirst(), variable, plain);
      case Value.LogopOf(var op, var left, var right, _) -> {
        Filter l = constraint(left, variable, plain);
        Filter r = constraint(right, variable, plain);
        yield op == Value.Logop.AND ? new Filter.And(l, r) : new Filter.Or(l, r);
      }
      default -> throw misfit(value, plain ? "the name of a system" : "a version of the compiler");
    };
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

  private static OpamCommand command(Value value) {
    Filtered<List<Filtered<OpamCommand.Argument>>> command =
        filtered(value, words -> items(words, word -> filtered(word, Values::argument)));
    return new OpamCommand(command.value(), command.filter());
  }

  /** Reads a list of commands; a single command may stand without the outer brackets. */
  static List<OpamCommand> commands(Value value) {
    return items(atDepth(2, value), Values::command);
  }

  /** Puts brackets around a value that has too few of them, as opam does, by its first item. */
  private static Value atDepth(int depth, Value value) {
    Value result = value;
    for (int missing = depth - depth(value); missing > 0; missing--) {
      result = new Value.ListOf(List.of(result), value.at());
    }
    return result;
  }

  /** How many brackets are around the first item. */
  static int depth(Value value) {
    return switch (value) {
      case Value.ListOf(var items, _) -> 1 + (items.isEmpty() ? 0 : depth(items.getFirst()));
      case Value.Option(var inner, _, _) -> depth(inner);
      default -> 0;
    };
  }

  /** Reads what must be a list. */
  private static <T> List<T> items(Value value, Function<Value, T> element) {
    if (!(value instanceof Value.ListOf)) {
      throw misfit(value, "a list");
    }
    return list(value, element);
  }

  /** Checks the updates of variables in {@code setenv:} and its like. */
  static List<Value> checkUpdates(Value value) {
    return items(
        atDepth(2, value),
        update -> {
          Value plain =
              update instanceof Value.ListOf(var items, _) && items.size() == 1
                  ? items.getFirst()
                  : update;
          boolean valid =
              switch (plain) {
                case Value.EnvOp(_, Value.Ident _, Value.Str _, _) -> true;
                case Value.RelopOf(var op, Value.Ident _, Value.Str _, _) -> op == Relop.EQ;
                default -> false;
              };
          if (!valid) {
            throw misfit(update, "the update of a variable");
          }
          return plain;
        });
  }

  /** Checks {@code x-env-path-rewrite:}, how paths in the updates of variables are written. */
  static List<Value> checkRewrites(Value value) {
    return items(
        value,
        rewrite -> {
          List<Value> parts = rewrite instanceof Value.ListOf(var all, _) ? all : List.of();
          boolean named = !parts.isEmpty() && parts.getFirst() instanceof Value.Ident;
          if (named && parts.size() == 3) {
            checkChoice(parts.get(1), SEPARATORS);
            checkChoice(parts.get(2), PATH_FORMATS);
          } else if (!named || parts.size() != 2 || !(parts.getLast() instanceof Value.Bool)) {
            throw misfit(rewrite, "a variable and how its paths are written");
          }
          return rewrite;
        });
  }

  /** Some of these texts, each perhaps with a filter. */
  private static void checkChoice(Value value, List<String> texts) {
    elements(value).forEach(item -> checkAlternative(item, texts));
  }

  private static void checkAlternative(Value value, List<String> texts) {
    switch (value) {
      case Value.Group(var items, _) -> items.forEach(item -> checkAlternative(item, texts));
      case Value.LogopOf(var op, var left, var right, _) when op == Value.Logop.OR -> {
        checkAlternative(left, texts);
        checkAlternative(right, texts);
      }
      default -> {
        if (!texts.contains(filtered(value, Values::string).value())) {
          throw misfit(value, "one of " + String.join(" ", texts));
        }
      }
    }
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
    return items(atDepth(2, value), pair);
  }

  static Depexts depexts(Value value) {
    try {
      return new Depexts(
          items(atDepth(2, value), item -> filtered(item, words -> items(words, Values::string))));
    } catch (MisfitException e) {
      return new Depexts(
          items(atDepth(3, value), item -> taggedDepexts(pair(item, "tags and packages"))));
    }
  }

  /** Reads opam 1's form, in which a platform is described by tags that must all fit it. */
  private static Filtered<List<String>> taggedDepexts(List<Value> tagsAndPackages) {
    Optional<Filter> filter =
        items(tagsAndPackages.getFirst(), Values::string).stream()
            .map(Values::platformTag)
            .reduce(Filter.And::new);
    return new Filtered<>(items(tagsAndPackages.getLast(), Values::string), filter);
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
