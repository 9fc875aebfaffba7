package dev.millrace.spec;

import dev.millrace.sexp.Location;
import dev.millrace.sexp.Sexp;
import dev.millrace.sexp.SexpException;
import dev.millrace.spec.SpecException.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a spec of an S-expression, and notes everything that is wrong. One thread at a time; used
 * once.
 */
final class SpecReader {
  private final List<Problem> problems = new ArrayList<>();
  private final IdentityHashMap<Op, Location> locations = new IdentityHashMap<>();

  private SpecReader() {}

  static Spec read(String text) {
    Sexp sexp;
    try {
      sexp = Sexp.parse(text);
    } catch (SexpException e) {
      throw new SpecException(List.of(new Problem(e.location(), e.problem())));
    }
    SpecReader reader = new SpecReader();
    Spec spec = reader.spec(sexp);
    if (reader.problems.isEmpty()) {
      reader.problems.addAll(new SpecScope(reader.locations).check(spec));
    }
    if (!reader.problems.isEmpty()) {
      reader.problems.sort(Comparator.comparing(Problem::location));
      throw new SpecException(reader.problems);
    }
    return spec;
  }

  private Spec spec(Sexp sexp) {
    if (!(sexp instanceof Sexp.Group(List<Sexp> items, _))) {
      report(sexp, "Invalid spec: %s: expected ((from BASE) OP …)".formatted(show(sexp)));
      return Spec.of("", List.of());
    }
    List<Spec.Child> children = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Sexp item = items.get(i);
      switch (keyword(item)) {
        case "build" -> child(item).ifPresent(children::add);
        case "from" -> {
          String base = oneAtom(item, "from");
          return new Spec(children, base, ops(items.subList(i + 1, items.size())));
        }
        default -> {
          report(
              item,
              "Invalid spec item: %s: expected (from BASE), or a (build NAME SPEC) before it"
                  .formatted(show(item)));
          return new Spec(children, "", List.of());
        }
      }
    }
    report(sexp, "Invalid spec: missing (from)");
    return new Spec(children, "", List.of());
  }

  private Optional<Spec.Child> child(Sexp item) {
    List<Sexp> items = ((Sexp.Group) item).items();
    if (items.size() != 3 || !(items.get(1) instanceof Sexp.Atom(String name, _))) {
      report(item, "Invalid spec item: %s: expected (build NAME SPEC)".formatted(show(item)));
      return Optional.empty();
    }
    return Optional.of(new Spec.Child(name, spec(items.get(2))));
  }

  private List<Op> ops(List<Sexp> items) {
    List<Op> ops = new ArrayList<>();
    for (Sexp item : items) {
      op(item)
          .ifPresent(
              op -> {
                locations.put(op, item.location());
                ops.add(op);
              });
    }
    return ops;
  }

  private Optional<Op> op(Sexp item) {
    int before = problems.size();
    Op op =
        switch (keyword(item)) {
          case "comment" -> new Op.Comment(oneAtom(item, "comment"));
          case "workdir" -> new Op.Workdir(oneAtom(item, "workdir"));
          case "shell" -> new Op.Shell(atoms(rest(item)));
          case "env" -> env(item);
          case "user" -> new Op.User(account(item));
          case "run" -> run(item);
          case "copy" -> copy(item);
          default -> {
            report(
                item,
                "Invalid op: %s: expected comment, workdir, shell, env, user, run or copy"
                    .formatted(show(item)));
            yield new Op.Comment("");
          }
        };
    return problems.size() == before ? Optional.of(op) : Optional.empty();
  }

  private Op.Env env(Sexp item) {
    List<Sexp> values = rest(item);
    if (values.size() != 2) {
      report(item, "Invalid op: %s: expected (env NAME VALUE)".formatted(show(item)));
      return new Op.Env("", "");
    }
    return new Op.Env(atom(values.get(0)), atom(values.get(1)));
  }

  private Account account(Sexp item) {
    List<Sexp> fields = rest(item);
    if (fields.size() == 1 && keyword(fields.get(0)).equals("name")) {
      return new Account.Named(oneAtom(fields.get(0), "name"));
    }
    if (fields.size() == 2
        && keyword(fields.get(0)).equals("uid")
        && keyword(fields.get(1)).equals("gid")) {
      return new Account.Unix(number(fields.get(0)), number(fields.get(1)));
    }
    report(
        item,
        "Invalid op: %s: expected (user (uid N) (gid N)) or (user (name NAME))"
            .formatted(show(item)));
    return Account.ROOT;
  }

  private Op.Run run(Sexp item) {
    Map<String, Sexp> fields =
        fields(item, rest(item), List.of("cache", "network", "secrets", "shell"), List.of("shell"));
    return new Op.Run(
        mounts(fields.get("cache"), "cache"),
        names(fields.get("network")),
        mounts(fields.get("secrets"), "secret"),
        optionalAtom(fields.get("shell"), "shell"));
  }

  private Op.Copy copy(Sexp item) {
    Map<String, Sexp> fields =
        fields(item, rest(item), List.of("from", "src", "dst", "exclude"), List.of("src", "dst"));
    return new Op.Copy(
        source(fields.get("from")),
        names(fields.get("src")),
        optionalAtom(fields.get("dst"), "dst"),
        names(fields.get("exclude")));
  }

  private Optional<String> source(@Nullable Sexp field) {
    if (field == null) {
      return Optional.empty();
    }
    List<Sexp> values = rest(field);
    Sexp value = values.size() == 1 ? values.getFirst() : field;
    if (value.equals(Sexp.atom("context"))) {
      return Optional.empty();
    }
    if (value instanceof Sexp.Group && keyword(value).equals("build")) {
      return Optional.of(oneAtom(value, "build"));
    }
    report(
        value, "Invalid data source: %s: expected context or (build NAME)".formatted(show(value)));
    return Optional.empty();
  }

  private List<Mounted> mounts(@Nullable Sexp field, String kind) {
    List<Mounted> mounts = new ArrayList<>();
    for (Sexp item : field == null ? List.<Sexp>of() : rest(field)) {
      mounts.add(mount(item, kind));
    }
    return mounts;
  }

  private Mounted mount(Sexp item, String kind) {
    if (!(item instanceof Sexp.Group(List<Sexp> items, _))
        || items.isEmpty()
        || !(items.getFirst() instanceof Sexp.Atom(String id, _))) {
      report(item, "Invalid %s: %s: expected (ID (target PATH))".formatted(kind, show(item)));
      return Mounted.cache("", "");
    }
    Map<String, Sexp> fields =
        fields(
            item,
            items.subList(1, items.size()),
            List.of("target", "buildkit_options"),
            List.of("target"));
    return new Mounted(
        id, optionalAtom(fields.get("target"), "target"), options(fields.get("buildkit_options")));
  }

  private List<Mounted.Option> options(@Nullable Sexp field) {
    List<Mounted.Option> options = new ArrayList<>();
    if (field == null) {
      return options;
    }
    List<Sexp> values = rest(field);
    if (values.size() != 1 || !(values.getFirst() instanceof Sexp.Group(List<Sexp> pairs, _))) {
      report(field, "Invalid record field: %s: expected ((KEY VALUE) …)".formatted(show(field)));
      return options;
    }
    for (Sexp pair : pairs) {
      if (pair instanceof Sexp.Group(List<Sexp> items, _) && items.size() == 2) {
        options.add(new Mounted.Option(atom(items.get(0)), atom(items.get(1))));
      } else {
        report(pair, "Invalid record field: %s: expected (KEY VALUE)".formatted(show(pair)));
      }
    }
    return options;
  }

  /** The fields of an operation by name; unknown, double and missing ones are reported. */
  private Map<String, Sexp> fields(
      Sexp whole, List<Sexp> items, List<String> known, List<String> required) {
    Map<String, Sexp> fields = new LinkedHashMap<>();
    for (Sexp item : items) {
      if (!(item instanceof Sexp.Group(List<Sexp> values, _))
          || values.isEmpty()
          || !(values.getFirst() instanceof Sexp.Atom(String name, _))) {
        report(item, "Invalid record field: %s: expected (FIELD VALUE …)".formatted(show(item)));
      } else if (!known.contains(name)) {
        report(
            item,
            "Unknown field \"%s\" in %s: expected one of %s"
                .formatted(name, show(whole), String.join(", ", known)));
      } else if (fields.putIfAbsent(name, item) != null) {
        report(item, "Duplicate field \"%s\" in %s".formatted(name, show(whole)));
      }
    }
    for (String name : required) {
      if (!fields.containsKey(name)) {
        report(whole, "Missing field \"%s\" in %s".formatted(name, show(whole)));
      }
    }
    return fields;
  }

  private List<String> names(@Nullable Sexp field) {
    return field == null ? List.of() : atoms(rest(field));
  }

  private String optionalAtom(@Nullable Sexp field, String name) {
    return field == null ? "" : oneAtom(field, name);
  }

  private List<String> atoms(List<Sexp> items) {
    return items.stream().map(this::atom).toList();
  }

  private String atom(Sexp item) {
    if (item instanceof Sexp.Atom(String text, _)) {
      return text;
    }
    report(item, "expected a word, found the list %s".formatted(show(item)));
    return "";
  }

  /** The one value of {@code (name VALUE)}. */
  private String oneAtom(Sexp item, String name) {
    List<Sexp> values = rest(item);
    if (values.size() != 1) {
      report(
          item,
          "expected one value in (%s …), found %d: %s".formatted(name, values.size(), show(item)));
      return "";
    }
    return atom(values.getFirst());
  }

  /** The number in {@code (uid N)}, as OCaml writes numbers. */
  private int number(Sexp field) {
    String text = oneAtom(field, "…");
    Optional<Integer> value = Numbers.parse(text);
    if (value.isEmpty()) {
      report(field, "expected a whole number of at most 2147483647, found \"%s\"".formatted(text));
    }
    return value.orElse(0);
  }

  /** The first word of a list, with a small first letter; empty if there is none. */
  private static String keyword(Sexp item) {
    if (item instanceof Sexp.Group(List<Sexp> items, _)
        && !items.isEmpty()
        && items.getFirst() instanceof Sexp.Atom(String word, _)
        && !word.isEmpty()) {
      return Character.toLowerCase(word.charAt(0)) + word.substring(1);
    }
    return "";
  }

  private static List<Sexp> rest(Sexp item) {
    return item instanceof Sexp.Group(List<Sexp> items, _) && !items.isEmpty()
        ? items.subList(1, items.size())
        : List.of();
  }

  private void report(Sexp where, String message) {
    problems.add(new Problem(where.location(), message));
  }

  /** The expression in a message, cut where it is long. */
  private static String show(Sexp sexp) {
    String text = sexp.renderSpaced(0).replaceAll("\\s*\n\\s*", " ");
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }
}
