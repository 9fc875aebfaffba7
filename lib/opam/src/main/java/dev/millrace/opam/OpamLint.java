package dev.millrace.opam;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks a package file over for mistakes, with opam's numbers for them.
 *
 * <p>What takes a network (59 and 60) or more than the file and its directory is not looked at.
 * Retired numbers are not used again.
 */
public final class OpamLint {
  private static final DependencyFlags EVERYTHING =
      new DependencyFlags(true, true, true, true, true, true);
  private static final Set<String> FLAGS =
      Set.of(
          "light-uninstall",
          "verbose",
          "plugin",
          "compiler",
          "conf",
          "avoid-version",
          "deprecated");
  private static final Set<String> GLOBAL =
      Set.of(
          "arch",
          "os",
          "os-distribution",
          "os-family",
          "os-version",
          "opam-version",
          "sys-ocaml-version",
          "sys-ocaml-arch",
          "sys-ocaml-cc",
          "sys-ocaml-libc",
          "sys-ocaml-system",
          "enable-ocaml-beta-repository");
  private static final Set<String> TEXTS_OF_METADATA =
      Set.of("maintainer", "authors", "license", "homepage", "doc", "bug-reports", "tags");
  private static final Pattern WITH_PLUS = Pattern.compile("[A-Za-z0-9_+-]*\\+[+:]");
  private static final Pattern SYNOPSIS = Pattern.compile("[^ \\ta-z].*[^ \\t.]", Pattern.DOTALL);
  private static final Pattern VCS_URL = Pattern.compile("(git|hg|darcs)(\\+.*)?://.*|.*\\.git");
  private static final Pattern SCHEME = Pattern.compile("[a-z0-9+]++://.*");
  private static final Set<String> ODD_SYSTEMS = Set.of("darwin", "osx");
  private static final Set<String> ODD_ARCHITECTURES =
      Set.of("amd64", "x86", "i386", "i486", "i586", "i686", "aarch64", "powerpc", "ppc", "armv7l");

  private final OpamFile file;
  private final Optional<Package> expected;
  private final Optional<Set<String>> filesBeside;
  private final List<Finding> findings = new ArrayList<>();

  private OpamLint(OpamFile file, Optional<Package> expected, Optional<Set<String>> filesBeside) {
    this.file = file;
    this.expected = expected;
    this.filesBeside = filesBeside;
  }

  /** How bad a mistake is. */
  public enum Level {
    /** The package works. */
    WARNING,
    /** opam does not take it. */
    ERROR
  }

  /** A mistake. */
  public record Finding(int code, Level level, String text) {
    /** In opam's form. */
    @Override
    public String toString() {
      return "%9s %2d: %s".formatted(level.name().toLowerCase(Locale.ROOT), code, text);
    }
  }

  /**
   * Looks a file over.
   *
   * @param expected the package that the directory's name says it is
   * @param filesBeside the paths in the directory {@code files} beside it, if that can be known
   * @return what was found, by number
   */
  public static List<Finding> check(
      byte[] bytes,
      String fileName,
      Optional<Package> expected,
      Optional<Set<String>> filesBeside) {
    OpamFile file;
    try {
      file = OpamFile.parse(bytes, fileName);
    } catch (OpamParseException e) {
      return List.of(new Finding(2, Level.ERROR, "File format error: " + e.getMessage()));
    }
    OpamLint lint = new OpamLint(file, expected, filesBeside);
    lint.checkAll();
    return lint.findings.stream().sorted(Comparator.comparingInt(Finding::code)).toList();
  }

  private void checkAll() {
    checkFormat();
    checkMetadata();
    checkFlagsAndKind();
    checkDependencies();
    checkAvailable();
    checkCommands();
    checkTexts();
    checkSources();
    checkExtraFiles();
    checkPinDepends();
    checkDepexts();
  }

  private void warn(int code, String text) {
    findings.add(new Finding(code, Level.WARNING, text));
  }

  private void fail(int code, String text) {
    findings.add(new Finding(code, Level.ERROR, text));
  }

  private void warnIf(boolean condition, int code, String text) {
    if (condition) {
      warn(code, text);
    }
  }

  private void failIf(boolean condition, int code, String text) {
    if (condition) {
      fail(code, text);
    }
  }

  private boolean isSound(String field) {
    return has(field)
        && file.formatErrors().stream()
            .noneMatch(error -> error.problem().startsWith("in field " + field + ":"));
  }

  private boolean has(String field) {
    return file.field(field).isPresent();
  }

  // Of the file as a whole.

  private void checkFormat() {
    if (!file.formatErrors().isEmpty()) {
      fail(
          3,
          "File format error: "
              + String.join(
                  "; ", file.formatErrors().stream().map(FormatError::toString).toList()));
    }
    expected.ifPresent(
        pkg -> {
          warnIf(
              file.name().filter(name -> !name.equals(pkg.name())).isPresent(),
              4,
              "Field 'name' doesn't match the directory name %s".formatted(pkg.name()));
          warnIf(
              file.version().filter(version -> !version.equals(pkg.version())).isPresent(),
              4,
              "Field 'version' doesn't match the directory name %s".formatted(pkg.version()));
        });
    String version = file.strings("opam-version").stream().findFirst().orElse("");
    warnIf(
        !OpamFileReader.withoutPatch(version).equals(version),
        20,
        "Field 'opam-version' refers to the patch version of opam, it should be MAJOR.MINOR");
    failIf(
        VersionOrder.compare(version, "2.0") != 0,
        21,
        "Field 'opam-version' doesn't match the current version, it must be 2.0");
  }

  private void checkMetadata() {
    List<String> empty = TEXTS_OF_METADATA.stream().filter(this::isEmptyText).sorted().toList();
    failIf(!empty.isEmpty(), 22, "Some fields are present but empty: " + String.join(", ", empty));
    List<String> maintainers = file.maintainers();
    failIf(maintainers.isEmpty(), 23, "Missing field 'maintainer'");
    failIf(
        maintainers.contains("contact@ocamlpro.com") && !isFromOcamlPro(),
        24,
        "Field 'maintainer' has the old default value");
    warnIf(file.authors().isEmpty(), 25, "Missing field 'authors'");
    warnIf(
        !file.remove().isEmpty() && file.install().isEmpty() && !file.build().isEmpty(),
        26,
        "No field 'install', but a field 'remove': install instructions probably part of 'build'");
    warnIf(file.strings("homepage").isEmpty(), 35, "Missing field 'homepage'");
    warnIf(file.strings("bug-reports").isEmpty(), 36, "Missing field 'bug-reports'");
    warnIf(file.url().isPresent() && file.devRepo().isEmpty(), 37, "Missing field 'dev-repo'");
    failIf(
        file.devRepo().filter(url -> !VCS_URL.matcher(url).matches()).isPresent(),
        42,
        "The 'dev-repo' field doesn't use version control, use a git+, hg+ or darcs+ URL");
    warnIf(file.licenses().isEmpty(), 68, "Missing field 'license'");
    List<String> odd =
        file.licenses().stream().filter(license -> !SpdxLicense.isValid(license)).toList();
    warnIf(
        !odd.isEmpty(),
        62,
        "License doesn't adhere to the SPDX standard, see https://spdx.org/licenses/: "
            + String.join(", ", odd));
    String synopsis = file.synopsis().orElse("").strip();
    failIf(synopsis.isEmpty(), 57, "Synopsis must not be empty");
    warnIf(
        !synopsis.isEmpty() && !SYNOPSIS.matcher(synopsis).matches(),
        47,
        "Synopsis should start with a capital and not end with a dot");
  }

  private boolean isFromOcamlPro() {
    return file.tags().contains("org:ocamlpro");
  }

  private boolean isEmptyText(String field) {
    return (field.equals("authors") ? file.authors() : file.strings(field)).equals(List.of(""));
  }

  private void checkFlagsAndKind() {
    List<String> unknown = file.flags().stream().filter(flag -> !FLAGS.contains(flag)).toList();
    failIf(!unknown.isEmpty(), 28, "Unknown package flags " + String.join(", ", unknown));
    failIf(
        file.hasFlag("conf")
            && (file.url().isPresent()
                || !file.extraSources().isEmpty()
                || !file.install().isEmpty()
                || !file.remove().isEmpty()),
        46,
        "Package is flagged \"conf\" but has source, install or remove instructions");
    failIf(
        file.hasFlag("light-uninstall") && file.remove().isEmpty(),
        52,
        "Package is needlessly flagged \"light-uninstall\", since it has no remove instructions");
    expected
        .map(Package::name)
        .or(file::name)
        .ifPresent(
            name ->
                warnIf(
                    file.hasFlag("plugin") && !name.text().startsWith("opam-"),
                    44,
                    "The plugin package name doesn't start with opam-"));
    failIf(isSound("os"), 33, "Field 'os' is deprecated, use 'available' and the 'os' variable");
  }

  // Dependencies.

  private void checkDependencies() {
    List<Dependency> all =
        Stream.of(file.depends(), file.depopts(), file.conflicts())
            .flatMap(formula -> formula.atoms().stream())
            .toList();
    List<Variable> variables = all.stream().flatMap(OpamLint::variables).toList();
    Set<String> ofPackages = new TreeSet<>();
    all.stream()
        .flatMap(atom -> atom.condition().atoms().stream())
        .filter(Condition.When.class::isInstance)
        .flatMap(condition -> ((Condition.When) condition).filter().variables().stream())
        .filter(variable -> !variable.packages().isEmpty())
        .forEach(variable -> ofPackages.add(variable.toString()));
    failIf(
        !ofPackages.isEmpty(),
        29,
        "Package dependencies mention package variables: " + String.join(", ", ofPackages));
    Set<PackageName> needed =
        left(FilteredFormula.filterFlags(file.depends(), DependencyFlags.SOLVE));
    Set<PackageName> both = new TreeSet<>(names(file.depopts()));
    both.retainAll(needed);
    failIf(!both.isEmpty(), 31, "Fields 'depends' and 'depopts' refer to the same names: " + both);
    failIf(
        isSound("ocaml-version") || uses(variables, "ocaml-version"),
        32,
        "Field 'ocaml-version' and variable 'ocaml-version' are deprecated, depend on 'ocaml'");
    failIf(
        file.field("conflicts").filter(OpamLint::hasConjunction).isPresent()
            || file.conflicts().atoms().stream().anyMatch(atom -> !isAlternative(atom.condition())),
        43,
        "Conjunction used in 'conflicts'. Only '|' is allowed");
    warnIf(
        usesFlag(file.depopts(), "post")
            || file.depends().atoms().stream()
                .anyMatch(atom -> flag(atom, "build") && flag(atom, "post")),
        50,
        "The 'post' flag doesn't make sense with build or optional dependencies");
    failIf(
        all.stream().anyMatch(OpamLint::negatesBuildOrPost),
        51,
        "The behaviour for negated dependency flags 'build' or 'post' is unspecified");
    Set<String> legacy = new TreeSet<>();
    variables.forEach(
        variable -> {
          if (variable.packages().isEmpty()
              && (variable.name().equals("test") || variable.name().equals("doc"))) {
            legacy.add(variable.name());
          }
        });
    warnIf(
        !legacy.isEmpty(),
        58,
        "Found %s variable, predefined one is with-%s"
            .formatted(
                String.join(", ", legacy), legacy.isEmpty() ? "" : legacy.iterator().next()));
    List<String> notBoolean =
        all.stream()
            .flatMap(atom -> atom.condition().atoms().stream())
            .flatMap(OpamLint::textsAsBooleans)
            .distinct()
            .toList();
    warnIf(
        !notBoolean.isEmpty(),
        66,
        "String that can't be resolved to bool in filtered package formula: "
            + String.join(", ", notBoolean));
    checkLiterals(all.stream().flatMap(OpamLint::filters));
  }

  private static Set<PackageName> names(Formula<Dependency> formula) {
    Set<PackageName> names = new HashSet<>();
    formula.forEachAtom(atom -> names.add(atom.name()));
    return names;
  }

  private static Set<PackageName> left(Formula<PackageConstraint> formula) {
    Set<PackageName> names = new HashSet<>();
    formula.forEachAtom(atom -> names.add(atom.name()));
    return names;
  }

  private static Stream<Filter> filters(Dependency dependency) {
    return dependency.condition().atoms().stream()
        .map(
            condition ->
                switch (condition) {
                  case Condition.When(var filter) -> filter;
                  case Condition.Version(_, var value) -> value;
                });
  }

  private static Stream<Variable> variables(Dependency dependency) {
    return filters(dependency).flatMap(filter -> filter.variables().stream());
  }

  private static boolean uses(List<Variable> variables, String name) {
    return variables.stream()
        .anyMatch(variable -> variable.packages().isEmpty() && variable.name().equals(name));
  }

  private static boolean flag(Dependency dependency, String flag) {
    return variables(dependency).anyMatch(variable -> variable.name().equals(flag));
  }

  private static boolean usesFlag(Formula<Dependency> formula, String flag) {
    return formula.atoms().stream().anyMatch(atom -> flag(atom, flag));
  }

  private static boolean negatesBuildOrPost(Dependency dependency) {
    return filters(dependency).anyMatch(filter -> negates(filter, false));
  }

  private static boolean negates(Filter filter, boolean negated) {
    return switch (filter) {
      case Filter.Not(var inner) -> negates(inner, true);
      case Filter.And(var left, var right) -> negates(left, negated) || negates(right, negated);
      case Filter.Or(var left, var right) -> negates(left, negated) || negates(right, negated);
      case Filter.Ident(var variable) ->
          negated
              && variable.packages().isEmpty()
              && (variable.name().equals("build") || variable.name().equals("post"));
      case Filter.Bool _, Filter.Text _, Filter.Compare _, Filter.Defined _ -> false;
    };
  }

  private static Stream<String> textsAsBooleans(Condition condition) {
    return condition instanceof Condition.When(var filter) ? textsAsBooleans(filter) : Stream.of();
  }

  private static Stream<String> textsAsBooleans(Filter filter) {
    return switch (filter) {
      case Filter.Text(var text) ->
          Filter.truth(text).isPresent() || Interpolation.isWhole(text)
              ? Stream.of()
              : Stream.of(text);
      case Filter.And(var left, var right) ->
          Stream.concat(textsAsBooleans(left), textsAsBooleans(right));
      case Filter.Or(var left, var right) ->
          Stream.concat(textsAsBooleans(left), textsAsBooleans(right));
      case Filter.Not(var inner) -> textsAsBooleans(inner);
      case Filter.Defined(var inner) -> textsAsBooleans(inner);
      case Filter.Bool _, Filter.Ident _, Filter.Compare _ -> Stream.of();
    };
  }

  /** Versions may be alternatives, each with filters. */
  private static boolean isAlternative(Formula<Condition> condition) {
    return switch (condition) {
      case Formula.Empty<Condition> _, Formula.Atom<Condition> _ -> true;
      case Formula.Block<Condition>(var inner) -> isAlternative(inner);
      case Formula.Or<Condition>(var left, var right) ->
          isAlternative(left) && isAlternative(right);
      case Formula.And<Condition>(var left, Formula.Atom<Condition>(Condition.When _)) ->
          isAlternative(left);
      case Formula.And<Condition>(Formula.Atom<Condition>(Condition.When _), var right) ->
          isAlternative(right);
      case Formula.And<Condition> _ -> false;
    };
  }

  private static boolean hasConjunction(Value value) {
    return switch (value) {
      case Value.LogopOf(var op, var left, var right, _) ->
          op == Value.Logop.AND || hasConjunction(left) || hasConjunction(right);
      case Value.ListOf(var items, _) -> items.stream().anyMatch(OpamLint::hasConjunction);
      case Value.Group(var items, _) ->
          items.size() > 1 || items.stream().anyMatch(OpamLint::hasConjunction);
      default -> false;
    };
  }

  /** Names of systems and architectures that opam never gives to its variables. */
  private void checkLiterals(Stream<Filter> filters) {
    Set<String> odd = new TreeSet<>();
    filters.forEach(filter -> collectOdd(filter, odd));
    failIf(
        !odd.isEmpty(),
        55,
        "Non-normalised OS or arch string being tested: " + String.join(", ", odd));
  }

  private static void collectOdd(Filter filter, Set<String> odd) {
    switch (filter) {
      case Filter.Compare(_, Filter.Ident(var variable), Filter.Text(var text)) -> {
        boolean capitals = !text.equals(text.toLowerCase(Locale.ROOT));
        if ((variable.name().equals("os") && (capitals || ODD_SYSTEMS.contains(text)))
            || (variable.name().equals("arch") && (capitals || ODD_ARCHITECTURES.contains(text)))) {
          odd.add(text);
        }
      }
      case Filter.And(var left, var right) -> {
        collectOdd(left, odd);
        collectOdd(right, odd);
      }
      case Filter.Or(var left, var right) -> {
        collectOdd(left, odd);
        collectOdd(right, odd);
      }
      case Filter.Not(var inner) -> collectOdd(inner, odd);
      case Filter.Defined(var inner) -> collectOdd(inner, odd);
      case Filter.Compare _, Filter.Bool _, Filter.Text _, Filter.Ident _ -> {}
    }
  }

  private void checkAvailable() {
    Set<String> others = new TreeSet<>();
    for (Variable variable : file.available().variables()) {
      if (!variable.packages().isEmpty()
          || !(GLOBAL.contains(variable.name())
              || variable.name().equals("name")
              || variable.name().equals("version"))) {
        others.add(variable.toString());
      }
    }
    others.remove("ocaml-version");
    failIf(
        !others.isEmpty() && others.stream().anyMatch(name -> name.contains(":")),
        34,
        "Field 'available' contains references to package-local variables: "
            + String.join(", ", others));
    checkLiterals(Stream.of(file.available()));
  }

  // Commands and what is in them.

  private List<OpamCommand> commands() {
    return Stream.of(file.build(), file.install(), file.remove(), file.runTest())
        .flatMap(List::stream)
        .toList();
  }

  private void checkCommands() {
    failIf(
        commands().stream()
            .flatMap(command -> command.arguments().stream().limit(1))
            .anyMatch(
                argument ->
                    argument.value() instanceof OpamCommand.Argument.Text(var text)
                        && text.equals("make")),
        39,
        "Command 'make' called directly, use the built-in variable instead");
    Set<String> strangers = strangers();
    warnIf(
        !strangers.isEmpty(),
        41,
        "Some packages are mentioned in package scripts or features, but there is no dependency or depopt toward them: "
            + String.join(", ", strangers));
    warnIf(
        has("build-test") || has("build-doc"),
        48,
        "The fields 'build-test' and 'build-doc' are deprecated, and should be replaced by uses of the 'with-test' and 'with-doc' filter variables");
    warnIf(
        file.runTest().stream().anyMatch(OpamLint::usesWithTest),
        61,
        "`with-test` variable in `run-test` is out of scope, it will be ignored");
  }

  private static boolean usesWithTest(OpamCommand command) {
    boolean[] found = new boolean[1];
    forEachVariable(
        command,
        variable ->
            found[0] |= variable.packages().isEmpty() && variable.name().equals("with-test"));
    return found[0];
  }

  /**
   * Packages whose variables are used although they may be missing. What holds only where a package
   * is installed may use its variables, if the package is named in the dependencies at all; what is
   * needed on other systems only counts as missing.
   */
  private Set<String> strangers() {
    Set<String> needed = new HashSet<>();
    Set<String> named = new HashSet<>();
    for (Formula<Dependency> formula : List.of(file.depends(), file.depopts())) {
      left(FilteredFormula.filter(formula, Environment.EMPTY, EVERYTHING))
          .forEach(name -> needed.add(name.text()));
      names(formula).forEach(name -> named.add(name.text()));
    }
    expected.map(Package::name).or(file::name).ifPresent(name -> needed.add(name.text()));
    PackageMentions mentions = PackageMentions.of(commands());
    Set<String> strangers = new TreeSet<>(mentions.unguarded());
    allFilters().forEach(filter -> strangers.addAll(PackageMentions.of(filter)));
    strangers.removeAll(needed);
    Set<String> guarded = new TreeSet<>(mentions.guarded());
    guarded.removeAll(named);
    strangers.addAll(guarded);
    return strangers;
  }

  /** The filters of all fields but those of commands and of what is said after an installation. */
  private Stream<Filter> allFilters() {
    return Stream.of(
            file.patches().stream().flatMap(patch -> patch.filter().stream()),
            file.depexts().groups().stream().flatMap(group -> group.filter().stream()),
            Stream.of(file.available()),
            Stream.of(file.depends(), file.depopts(), file.conflicts())
                .flatMap(formula -> formula.atoms().stream())
                .flatMap(OpamLint::filters))
        .flatMap(filters -> filters);
  }

  private static void forEachVariable(OpamCommand command, Consumer<Variable> visitor) {
    command.filter().ifPresent(filter -> filter.variables().forEach(visitor));
    for (Filtered<OpamCommand.Argument> argument : command.arguments()) {
      argument.filter().ifPresent(filter -> filter.variables().forEach(visitor));
      switch (argument.value()) {
        case OpamCommand.Argument.Text(var text) -> Interpolation.variables(text).forEach(visitor);
        case OpamCommand.Argument.Ident(var variable) -> visitor.accept(variable);
      }
    }
  }

  private void checkTexts() {
    List<String> texts = new ArrayList<>();
    for (OpamCommand command : commands()) {
      for (Filtered<OpamCommand.Argument> argument : command.arguments()) {
        if (argument.value() instanceof OpamCommand.Argument.Text(var text)) {
          texts.add(text);
        }
      }
    }
    List<String> unclosed =
        Stream.concat(texts.stream(), allFilters().flatMap(OpamLint::texts))
            .filter(Interpolation::isUnclosed)
            .toList();
    failIf(!unclosed.isEmpty(), 45, "Unclosed variable interpolations in strings: " + unclosed);
    List<String> plus = texts.stream().filter(OpamLint::hasReferenceWithPlus).toList();
    warnIf(
        !plus.isEmpty(),
        69,
        "Package name in variable in string interpolation contains several '+', use %{?pkg:var:}%: "
            + String.join(", ", plus));
  }

  private static boolean hasReferenceWithPlus(String text) {
    boolean[] found = new boolean[1];
    Interpolation.replace(
        text,
        "%",
        reference -> {
          found[0] |= reference.indexOf('}') < 0 && WITH_PLUS.matcher(reference).lookingAt();
          return "";
        });
    return found[0];
  }

  private static Stream<String> texts(Filter filter) {
    return switch (filter) {
      case Filter.Text(var text) -> Stream.of(text);
      case Filter.And(var left, var right) -> Stream.concat(texts(left), texts(right));
      case Filter.Or(var left, var right) -> Stream.concat(texts(left), texts(right));
      case Filter.Compare(_, var left, var right) -> Stream.concat(texts(left), texts(right));
      case Filter.Not(var inner) -> texts(inner);
      case Filter.Defined(var inner) -> texts(inner);
      case Filter.Bool _, Filter.Ident _ -> Stream.of();
    };
  }

  // Sources.

  private void checkSources() {
    List<Source> sources = new ArrayList<>();
    file.url().ifPresent(sources::add);
    file.extraSources().forEach(extra -> sources.add(extra.source()));
    List<String> odd = new ArrayList<>();
    for (Source source : sources) {
      Stream.concat(Stream.of(source.src()), source.mirrors().stream())
          .filter(url -> url.matches("https?://.*\\.git/?"))
          .forEach(odd::add);
    }
    warnIf(
        !odd.isEmpty(),
        49,
        "The following URLs don't use version control, but look like they should: "
            + String.join(", ", odd));
    boolean vcs = file.url().filter(Source::isVersionControlled).isPresent();
    warnIf(
        file.url().filter(source -> source.checksums().isEmpty()).isPresent()
            && !vcs
            && !file.hasFlag("conf"),
        59,
        "url doesn't contain a checksum");
    failIf(
        file.url().filter(source -> vcs && !source.checksums().isEmpty()).isPresent(),
        67,
        "Checksum specified with a non archive url");
    failIf(
        file.url().flatMap(Source::subpath).isPresent() && !requiresOpam(),
        63,
        "`subpath` field need `opam-version = 2.1` restriction");
    failIf(
        sources.stream().anyMatch(source -> !isAbsolute(source.src())),
        65,
        "URLs must be absolute");
    file.url().ifPresent(source -> checkHashes(source, 71, "url"));
    file.extraSources().forEach(e -> checkHashes(e.source(), 72, "extra-source " + e.fileName()));
  }

  /** With a scheme, or as USER@HOST:PATH. */
  private static boolean isAbsolute(String url) {
    if (SCHEME.matcher(url).matches()) {
      return true;
    }
    int slash = url.indexOf('/');
    String host = slash < 0 ? url : url.substring(0, slash);
    int from = 1;
    for (int colon = host.indexOf(':'); colon >= 0; colon = host.indexOf(':', from)) {
      int at = host.indexOf('@', from);
      if (at >= 0 && at < colon - 1) {
        return true;
      }
      from = Math.max(from, colon + 1);
    }
    return false;
  }

  private boolean requiresOpam() {
    return file.available().variables().stream()
        .anyMatch(variable -> variable.name().equals("opam-version"));
  }

  private void checkHashes(Source source, int code, String where) {
    Set<OpamHash.Kind> kinds = new HashSet<>();
    for (OpamHash hash : source.checksums()) {
      if (!kinds.add(hash.kind())) {
        fail(code, "Field 'checksum' of %s has several %s".formatted(where, hash.kind()));
        return;
      }
    }
  }

  private void checkExtraFiles() {
    Set<String> listed = new TreeSet<>();
    Set<String> twice = new TreeSet<>();
    for (ExtraFile extra : file.extraFiles()) {
      if (!listed.add(extra.fileName())) {
        twice.add(extra.fileName());
      }
    }
    failIf(!twice.isEmpty(), 70, "Field 'extra-files' contains duplicated files: " + twice);
    failIf(
        listed.stream().anyMatch(name -> List.of(name.split("/")).contains("..")),
        73,
        "Field 'extra-files' contains path with '..'");
    filesBeside.ifPresent(
        present -> {
          Set<String> missing = new TreeSet<>(listed);
          missing.removeAll(present);
          Set<String> extra = new TreeSet<>(present);
          extra.removeAll(listed);
          failIf(
              !missing.isEmpty() || !extra.isEmpty(),
              53,
              "Mismatching 'extra-files:' field: %s%s"
                  .formatted(
                      missing.isEmpty() ? "" : "missing " + missing,
                      extra.isEmpty()
                          ? ""
                          : (missing.isEmpty() ? "" : ", ") + "not listed " + extra));
        });
  }

  private void checkPinDepends() {
    Set<PackageName> known = names(file.depends());
    known.addAll(names(file.depopts()));
    List<String> strangers =
        file.pinDepends().stream()
            .map(PinDepend::target)
            .filter(pkg -> !known.contains(pkg.name()))
            .map(Package::toString)
            .toList();
    warnIf(
        !strangers.isEmpty(),
        74,
        "Field 'pin-depends' contains packages that are not in 'depends': " + strangers);
  }

  private void checkDepexts() {
    boolean odd =
        file.depexts().groups().stream()
            .flatMap(group -> group.value().stream())
            .anyMatch(name -> name.isEmpty() || name.indexOf(' ') >= 0);
    warnIf(odd, 54, "External dependencies should not contain spaces nor empty string");
    checkLiterals(file.depexts().groups().stream().flatMap(group -> group.filter().stream()));
  }
}
