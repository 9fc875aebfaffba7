package dev.millrace.opam;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@link OpamFuzzTest} gives bytes to. The first byte says what the others are; they are read,
 * the refusal that is declared is swallowed, and if what was read does not hold together, or took
 * more than a second's work, something is thrown.
 */
public final class FuzzTargets {
  /** What bytes may be, and the first byte that says so. */
  enum Kind {
    /** A whole file: what is printed is read as the same. */
    FILE('f'),
    /** Three texts, a line each: they have one order. */
    VERSION('v'),
    /** What stands in the brackets of dependencies: its formulas reduce as they evaluate. */
    FORMULA('d'),
    /** A filter: what is left for later evaluates as the whole. */
    FILTER('a');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    byte[] input(String text) {
      return OpamText.encode(letter + text);
    }
  }

  private static final long WORK_MAX = Duration.ofSeconds(1).toNanos();
  private static final Environment LINUX =
      Environment.of(
          Map.of(
              "os", VariableValue.of("linux"),
              "os-family", VariableValue.of("debian"),
              "arch", VariableValue.of("x86_64"),
              "version", VariableValue.of("1.0~rc1"),
              "opam-version", VariableValue.of("2.3.0"),
              "ocaml:native", VariableValue.of(true),
              "a", VariableValue.of("true"),
              "b", VariableValue.of(false),
              "w", new VariableValue.Words(List.of("x", "%{y}%"))));
  private static final List<PackageVersion> VERSIONS =
      List.of("0", "1.0~rc1", "1.0", "1.0-test", "dev").stream().map(PackageVersion::new).toList();

  private FuzzTargets() {}

  /** Takes an input of each kind. */
  public static void fuzzerInitialize() {
    for (String text : FuzzCorpus.ALL) {
      take(OpamText.encode(text));
    }
  }

  /** Takes one input. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    if (work(bytes) > WORK_MAX) {
      // The first time may have paid for the loading of classes.
      require(work(bytes) < WORK_MAX, "More than a second's work");
    }
  }

  /** Not the time: others may have the machine meanwhile. */
  private static long work(byte[] bytes) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    take(bytes);
    return threads.getCurrentThreadCpuTime() - begin;
  }

  private static void take(byte[] bytes) {
    for (Kind kind : Kind.values()) {
      if (bytes.length > 0 && bytes[0] == kind.letter) {
        byte[] rest = Arrays.copyOfRange(bytes, 1, bytes.length);
        switch (kind) {
          case FILE -> file(rest);
          case VERSION -> versions(rest);
          case FORMULA -> formulas(OpamText.decode(rest));
          case FILTER -> filter(OpamText.decode(rest));
        }
      }
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  private static Optional<OpamFile> read(byte[] bytes) {
    try {
      return Optional.of(OpamFile.parse(bytes, "f"));
    } catch (OpamParseException e) {
      require(String.valueOf(e.getMessage()).startsWith("f:"), "A refusal without a place");
      return Optional.empty();
    }
  }

  private static Optional<OpamFile> read(String fields) {
    return read(OpamText.encode("opam-version: \"2.0\"\n" + fields));
  }

  private static void file(byte[] bytes) {
    Optional<OpamFile> read = read(bytes);
    List<OpamLint.Finding> findings =
        OpamLint.check(bytes, "f", Optional.empty(), Optional.empty());
    require(read.isPresent() || findings.size() == 1, "Lint reads what the reader refuses");
    if (read.isEmpty()) {
      return;
    }
    OpamFile file = read.get();
    List<Item> items = file.items();
    require(
        OpamSyntax.parse(OpamText.encode(file.print()), "f").equals(items),
        "It prints as something else");
    require(PackageTerms.parse(bytes, "f").equals(file.terms()), "It has other terms alone");
    require(file.isEffectivelyEqual(file), "It differs from itself");
  }

  private static void versions(byte[] bytes) {
    String[] lines = OpamText.decode(bytes).split("\n", 3);
    String a = lines[0];
    String b = lines.length > 1 ? lines[1] : "";
    String c = lines.length > 2 ? lines[2] : "";
    int ab = VersionOrder.compare(a, b);
    require(VersionOrder.compare(a, a) == 0, "It differs from itself");
    require(Integer.signum(ab) == -Integer.signum(VersionOrder.compare(b, a)), "One-sided");
    if (ab <= 0 && VersionOrder.compare(b, c) <= 0) {
      require(VersionOrder.compare(a, c) <= 0, "A circle");
    }
    PackageVersion.find(a).ifPresent(v -> require(v.toString().equals(a), "Read as another"));
    Package.find(a).ifPresent(pkg -> require(pkg.toString().equals(a), "Read as another"));
  }

  private static void formulas(String field) {
    read("depends: [" + field + "]").ifPresent(file -> reduce(file.depends()));
    read("conflicts: [" + field + "]").ifPresent(file -> reduce(file.conflicts()));
  }

  private static void reduce(Formula<Dependency> formula) {
    for (DependencyFlags flags :
        List.of(DependencyFlags.SOLVE, DependencyFlags.SOLVE.withTest(true).withDev(true))) {
      for (PackageConstraint atom : FilteredFormula.filter(formula, LINUX, flags).atoms()) {
        check(atom.versions());
      }
    }
  }

  private static void check(Formula<VersionConstraint> versions) {
    Formula<VersionConstraint> negated = versions.negate(VersionConstraint::negated);
    // What cannot be compared leaves an empty part, which building a formula drops.
    require(
        negated.negate(VersionConstraint::negated).equals(versions.map(Formula::atom)),
        "Negated twice it is another");
    boolean whole = hasNoEmptyPart(versions);
    for (PackageVersion version : VERSIONS) {
      require(
          !whole || version.satisfies(versions) != version.satisfies(negated),
          "It holds as its negation does");
    }
  }

  /** The empty formula is true, and so is its negation. */
  private static boolean hasNoEmptyPart(Formula<?> formula) {
    return switch (formula) {
      case Formula.Empty<?> _ -> false;
      case Formula.Atom<?> _ -> true;
      case Formula.Block<?>(var inner) -> hasNoEmptyPart(inner);
      case Formula.And<?>(var left, var right) -> hasNoEmptyPart(left) && hasNoEmptyPart(right);
      case Formula.Or<?>(var left, var right) -> hasNoEmptyPart(left) && hasNoEmptyPart(right);
    };
  }

  private static void filter(String text) {
    Optional<OpamFile> read =
        read("available: " + text).filter(file -> file.formatErrors().isEmpty());
    if (read.isEmpty()) {
      return;
    }
    Filter filter = read.get().available();
    for (Environment environment : List.of(LINUX, Environment.EMPTY)) {
      boolean whole = filter.evalToBoolean(environment, false);
      Optional<String> words = filter.evalToText(environment);
      require(!whole || words.equals(Optional.of("true")), "True, and yet not \"true\"");
    }
    if (!isDecidedEarly(filter)) {
      Filter rest = filter.evalPartially(LINUX);
      require(rest.evalToText(LINUX).equals(filter.evalToText(LINUX)), "Its rest is another");
    }
  }

  /** Whether a variable is defined, and which of two texts it chooses. */
  private static boolean isDecidedEarly(Filter filter) {
    return filter.variables().stream().anyMatch(variable -> variable.choice().isPresent())
        || hasDefined(filter);
  }

  private static boolean hasDefined(Filter filter) {
    return switch (filter) {
      case Filter.Defined _ -> true;
      case Filter.Not(var inner) -> hasDefined(inner);
      case Filter.And(var left, var right) -> hasDefined(left) || hasDefined(right);
      case Filter.Or(var left, var right) -> hasDefined(left) || hasDefined(right);
      case Filter.Compare(_, var left, var right) -> hasDefined(left) || hasDefined(right);
      case Filter.Bool _, Filter.Text _, Filter.Ident _ -> false;
    };
  }
}
