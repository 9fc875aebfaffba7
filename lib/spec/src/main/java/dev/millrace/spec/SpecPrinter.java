package dev.millrace.spec;

import dev.millrace.sexp.Sexp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes specs.
 *
 * <p>The layout is that of OCaml's {@code Format} with its margin of 80 columns, as OBuilder uses
 * it: a field fits if it ends before the last column.
 */
final class SpecPrinter {
  private static final int MARGIN = 80;

  private SpecPrinter() {}

  static String spec(Spec spec) {
    StringBuilder out = new StringBuilder("(");
    writeStage(spec, 1, out);
    return out.append("\n)\n").toString();
  }

  /** Writes what stands between a stage's parentheses, the first of which is at column - 1. */
  private static void writeStage(Spec spec, int column, StringBuilder out) {
    String separator = "";
    String newline = "\n" + " ".repeat(column);
    for (Spec.Child child : spec.children()) {
      out.append(separator).append("(build ");
      out.append(Sexp.atom(child.name()).renderSpaced(column + "(build ".length()));
      int inner = column + "(build ".length();
      out.append("\n").append(" ".repeat(inner)).append("(");
      writeStage(child.spec(), inner + 1, out);
      out.append("))");
      separator = newline;
    }
    out.append(separator).append(list("from", Sexp.atom(spec.from())).renderSpaced(column));
    for (Op op : spec.ops()) {
      out.append(newline).append(op(op, column));
    }
  }

  static String op(Op op, int column) {
    Sexp sexp = toSexp(op);
    return switch (op) {
      case Op.Run _ -> fields(sexp, column, true);
      case Op.Copy _ -> fields(sexp, column, false);
      case Op.Comment _, Op.Workdir _, Op.Shell _, Op.Env _, Op.User _ -> sexp.renderSpaced(column);
    };
  }

  /** Writes an operation with one field a line, or on one line where that is allowed and fits. */
  private static String fields(Sexp op, int column, boolean alwaysBreak) {
    List<Sexp> items = ((Sexp.Group) op).items();
    String head = "(" + items.getFirst().render() + " ";
    int inner = column + head.length();
    List<Sexp> fields = items.subList(1, items.size());
    if (!alwaysBreak && fits(fields, inner)) {
      return op.renderSpaced(column);
    }
    List<String> lines = fields.stream().map(field -> field.renderSpaced(inner)).toList();
    return head + String.join("\n" + " ".repeat(inner), lines) + ")";
  }

  private static boolean fits(List<Sexp> fields, int column) {
    int length = fields.size() - 1;
    for (Sexp field : fields) {
      for (String line : field.renderSpaced(0).split("\n", -1)) {
        length += line.strip().length();
      }
    }
    return column + length < MARGIN;
  }

  static Sexp toSexp(Spec spec) {
    List<Sexp> items = new ArrayList<>();
    for (Spec.Child child : spec.children()) {
      items.add(list("build", Sexp.atom(child.name()), toSexp(child.spec())));
    }
    items.add(list("from", Sexp.atom(spec.from())));
    spec.ops().forEach(op -> items.add(toSexp(op)));
    return Sexp.list(items);
  }

  static Sexp toSexp(Op op) {
    return switch (op) {
      case Op.Comment(String text) -> list("comment", Sexp.atom(text));
      case Op.Workdir(String directory) -> list("workdir", Sexp.atom(directory));
      case Op.Shell(List<String> argv) -> named("shell", argv);
      case Op.Env(String name, String value) -> list("env", Sexp.atom(name), Sexp.atom(value));
      case Op.User(Account.Unix(int uid, int gid)) ->
          list(
              "user",
              list("uid", Sexp.atom(Integer.toString(uid))),
              list("gid", Sexp.atom(Integer.toString(gid))));
      case Op.User(Account.Named(String name)) -> list("user", list("name", Sexp.atom(name)));
      case Op.Run run -> run(run);
      case Op.Copy copy -> copy(copy);
    };
  }

  private static Sexp run(Op.Run run) {
    List<Sexp> items = new ArrayList<>(List.of(Sexp.atom("run")));
    addMounts("cache", run.caches(), items);
    addNames("network", run.network(), items);
    addMounts("secrets", run.secrets(), items);
    items.add(list("shell", Sexp.atom(run.shell())));
    return Sexp.list(items);
  }

  private static Sexp copy(Op.Copy copy) {
    List<Sexp> items = new ArrayList<>(List.of(Sexp.atom("copy")));
    Optional<String> source = copy.source();
    source.ifPresent(name -> items.add(list("from", list("build", Sexp.atom(name)))));
    items.add(named("src", copy.src()));
    items.add(list("dst", Sexp.atom(copy.dst())));
    addNames("exclude", copy.exclude(), items);
    return Sexp.list(items);
  }

  private static void addNames(String field, List<String> names, List<Sexp> items) {
    if (!names.isEmpty()) {
      items.add(named(field, names));
    }
  }

  private static void addMounts(String field, List<Mounted> mounts, List<Sexp> items) {
    if (!mounts.isEmpty()) {
      List<Sexp> all = new ArrayList<>(List.of(Sexp.atom(field)));
      mounts.forEach(mount -> all.add(mount(mount)));
      items.add(Sexp.list(all));
    }
  }

  private static Sexp mount(Mounted mount) {
    Sexp target = list("target", Sexp.atom(mount.target()));
    if (mount.buildkitOptions().isEmpty()) {
      return Sexp.list(Sexp.atom(mount.id()), target);
    }
    List<Sexp> options =
        mount.buildkitOptions().stream()
            .map(o -> Sexp.list(Sexp.atom(o.key()), Sexp.atom(o.value())))
            .toList();
    return Sexp.list(Sexp.atom(mount.id()), target, list("buildkit_options", Sexp.list(options)));
  }

  private static Sexp named(String name, List<String> atoms) {
    List<Sexp> items = new ArrayList<>(List.of(Sexp.atom(name)));
    atoms.forEach(atom -> items.add(Sexp.atom(atom)));
    return Sexp.list(items);
  }

  private static Sexp list(String name, Sexp... rest) {
    List<Sexp> items = new ArrayList<>(List.of(Sexp.atom(name)));
    items.addAll(List.of(rest));
    return Sexp.list(items);
  }
}
