package dev.millrace.opam;

import dev.millrace.opam.Item.Field;
import dev.millrace.opam.Item.Section;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Function;

/**
 * The description of a package: a file {@code opam}. Immutable.
 *
 * <p>A field that is unknown, given twice or badly typed is skipped and reported by {@link
 * #formatErrors}; the rest of the file is used. The accessors return what opam takes when a field
 * is absent: an empty formula, an empty list, true.
 */
public final class OpamFile {
  private static final Set<String> FIELDS =
      Set.of(
          ("opam-version name version synopsis description maintainer authors author license"
                  + " homepage doc bug-reports tags depends depopts conflicts conflict-class"
                  + " available flags setenv build-env build install remove run-test build-test"
                  + " build-doc substs patches features libraries syntax messages post-messages"
                  + " depexts dev-repo pin-depends extra-files ocaml-version os")
              .split(" "));
  private static final Set<String> SOURCE_FIELDS =
      Set.of(
          "src",
          "archive",
          "http",
          "git",
          "hg",
          "darcs",
          "local",
          "checksum",
          "mirrors",
          "subpath");
  private static final PackageVersion FORMAT = new PackageVersion("2.0");

  private final String fileName;
  private final List<Item> items;
  private final List<FormatError> errors = new ArrayList<>();
  private final Set<String> invalid = new HashSet<>();

  private final Optional<PackageName> name;
  private final Optional<PackageVersion> version;
  private final Formula<Dependency> depends;
  private final Formula<Dependency> depopts;
  private final Formula<Dependency> conflicts;
  private final List<PackageName> conflictClasses;
  private final Filter available;
  private final SequencedSet<String> flags;
  private final Optional<Source> url;
  private final List<ExtraSource> extraSources;
  private final List<ExtraFile> extraFiles;
  private final Depexts depexts;
  private final List<PinDepend> pinDepends;
  private final List<OpamCommand> build;
  private final List<OpamCommand> install;
  private final List<OpamCommand> runTest;
  private final List<OpamCommand> remove;
  private final List<Filtered<String>> patches;
  private final List<String> substs;

  private OpamFile(List<Item> items, String fileName) {
    this.fileName = fileName;
    this.items = List.copyOf(items);
    checkFormatVersion();
    checkItems();
    name = read("name", Values::packageName);
    version = read("version", Values::packageVersion);
    depends = read("depends", Values::depends).orElseGet(Formula::empty);
    depopts = read("depopts", Values::alternatives).orElseGet(Formula::empty);
    conflicts = read("conflicts", Values::alternatives).orElseGet(Formula::empty);
    conflictClasses =
        read("conflict-class", value -> Values.list(value, Values::packageName))
            .map(classes -> classes.stream().distinct().toList())
            .orElse(List.of());
    available = read("available", Values::filters).orElseGet(() -> new Filter.Bool(true));
    flags = readFlags();
    url = sections("url").findFirst().flatMap(this::source);
    extraSources = readExtraSources();
    extraFiles =
        read("extra-files", value -> Values.pairs(value, Values::extraFile)).orElse(List.of());
    depexts = read("depexts", Values::depexts).orElseGet(() -> new Depexts(List.of()));
    pinDepends =
        read("pin-depends", value -> Values.pairs(value, Values::pinDepend)).orElse(List.of());
    build = readCommands("build");
    install = readCommands("install");
    runTest = readCommands("run-test");
    remove = readCommands("remove");
    patches =
        read("patches", value -> Values.list(value, item -> Values.filtered(item, Values::string)))
            .orElse(List.of());
    substs = readStrings("substs");
    for (String text : List.of("synopsis", "description", "dev-repo")) {
      read(text, Values::string);
    }
    for (String texts :
        List.of("maintainer", "authors", "license", "homepage", "doc", "bug-reports", "tags")) {
      readStrings(texts);
    }
  }

  /**
   * Parses a package file.
   *
   * @param fileName the name that messages give
   * @throws OpamParseException if the bytes are not in opam's syntax, or are of a format version
   *     other than 2.0
   */
  public static OpamFile parse(byte[] bytes, String fileName) {
    return new OpamFile(OpamSyntax.parse(bytes, fileName), fileName);
  }

  /** Parses a package file that is at hand as text. */
  public static OpamFile parse(String text, String fileName) {
    return parse(OpamText.encode(text), fileName);
  }

  private void checkFormatVersion() {
    Optional<Field> field =
        fields().filter(candidate -> candidate.name().equals("opam-version")).findFirst();
    Optional<PackageVersion> given =
        field
            .filter(candidate -> candidate.value() instanceof Value.Str)
            .flatMap(candidate -> PackageVersion.find(Values.string(candidate.value())));
    if (given.map(OpamFile::withoutPatch).filter(v -> v.compareTo(FORMAT) <= 0).isEmpty()) {
      Position at = field.map(Field::at).orElse(Position.NONE);
      throw new OpamParseException(
          fileName,
          at.line(),
          at.column(),
          "expected opam-version: \"2.0\" but found "
              + given.map(v -> "the unsupported version \"" + v + "\"").orElse("none"));
    }
  }

  private static PackageVersion withoutPatch(PackageVersion version) {
    String[] parts = version.text().split("\\.", 3);
    return parts.length < 3 ? version : new PackageVersion(parts[0] + "." + parts[1]);
  }

  private void checkItems() {
    var seen = new HashSet<String>();
    for (Item item : items) {
      switch (item) {
        case Field(var field, _, var at) -> {
          String canonical = field.equals("author") ? "authors" : field;
          if (!FIELDS.contains(field) && !field.startsWith("x-")) {
            report(at, "expected a field of opam's, or one starting with x-, but found " + field);
          } else if (!seen.add(canonical)) {
            report(at, "expected each field once but found " + field + " again");
          }
        }
        case Section section -> checkSection(section, seen);
      }
    }
  }

  private void checkSection(Section section, Set<String> seen) {
    boolean titled = section.title().isPresent();
    boolean known = section.kind().equals(titled ? "extra-source" : "url");
    String key = section.kind() + section.title().map(title -> " \"" + title + "\"").orElse("");
    if (!known) {
      report(
          section.at(),
          "expected the section url { } or extra-source \"file\" { } but found " + key);
    } else if (!seen.add(key)) {
      report(section.at(), "expected each section once but found " + key + " again");
    }
    var inner = new HashSet<String>();
    for (Item item : section.items()) {
      boolean valid = item instanceof Field field && SOURCE_FIELDS.contains(field.name());
      if (known && !(valid && inner.add(((Field) item).name()))) {
        report(item.at(), "expected src, checksum, mirrors or subpath, each once, in " + key);
      }
    }
  }

  private void report(Position at, String problem) {
    errors.add(new FormatError(fileName, at.line(), at.column(), problem));
  }

  private java.util.stream.Stream<Field> fields() {
    return items.stream().filter(Field.class::isInstance).map(Field.class::cast);
  }

  private java.util.stream.Stream<Section> sections(String kind) {
    return items.stream()
        .filter(Section.class::isInstance)
        .map(Section.class::cast)
        .filter(section -> section.kind().equals(kind));
  }

  private <T> Optional<T> read(String field, Function<Value, T> reader) {
    return field(field).flatMap(value -> attempt(field, value, reader));
  }

  private <T> Optional<T> attempt(String what, Value value, Function<Value, T> reader) {
    try {
      return Optional.of(reader.apply(value));
    } catch (MisfitException e) {
      if (invalid.add(what)) {
        report(e.at(), "in field " + what + ": " + e.getMessage());
      }
      return Optional.empty();
    }
  }

  private List<OpamCommand> readCommands(String field) {
    return read(field, Values::commands).orElse(List.of());
  }

  private List<String> readStrings(String field) {
    return read(field, value -> Values.list(value, Values::string)).orElse(List.of());
  }

  private SequencedSet<String> readFlags() {
    var all = new LinkedHashSet<String>();
    read("flags", value -> Values.list(value, Values::word)).ifPresent(all::addAll);
    for (String tag : tags()) {
      if (tag.startsWith("flags:")) {
        all.add(tag.substring("flags:".length()));
      }
    }
    return java.util.Collections.unmodifiableSequencedSet(all);
  }

  private Optional<Source> source(Section section) {
    String what = section.title().map(title -> "extra-source " + title).orElse("url");
    List<String> kinds = List.of("src", "archive", "http", "git", "hg", "darcs", "local");
    Optional<String> src =
        kinds.stream()
            .flatMap(kind -> section.field(kind).stream())
            .findFirst()
            .flatMap(value -> attempt(what, value, Values::string));
    List<String> mirrors =
        section
            .field("mirrors")
            .flatMap(value -> attempt(what, value, v -> Values.list(v, Values::string)))
            .orElse(List.of());
    List<OpamHash> checksums =
        section
            .field("checksum")
            .flatMap(value -> attempt(what, value, v -> Values.list(v, Values::hash)))
            .orElse(List.of());
    Optional<String> subpath =
        section.field("subpath").flatMap(value -> attempt(what, value, Values::string));
    if (src.isEmpty() && invalid.add(what)) {
      report(section.at(), "expected the field src in the section " + what);
    }
    return src.map(url -> new Source(url, mirrors, checksums, subpath));
  }

  private List<ExtraSource> readExtraSources() {
    var sources = new ArrayList<ExtraSource>();
    sections("extra-source")
        .filter(section -> section.title().isPresent())
        .forEach(
            section ->
                source(section)
                    .ifPresent(
                        source ->
                            sources.add(new ExtraSource(section.title().orElseThrow(), source))));
    return List.copyOf(sources);
  }

  /** Returns the name under which the file was parsed. */
  public String fileName() {
    return fileName;
  }

  /** Returns everything in the file, in its order. */
  public List<Item> items() {
    return items;
  }

  /** Returns what opam would skip in this file, in the order found. */
  public List<FormatError> formatErrors() {
    return List.copyOf(errors);
  }

  /** Returns the value of any top-level field, as written; of the first when there are several. */
  public Optional<Value> field(String field) {
    return fields().filter(f -> f.name().equals(field)).map(Field::value).findFirst();
  }

  /** Returns the package's name, if the file says it. */
  public Optional<PackageName> name() {
    return name;
  }

  /** Returns the package's version, if the file says it. */
  public Optional<PackageVersion> version() {
    return version;
  }

  /** Returns what must be installed. */
  public Formula<Dependency> depends() {
    return depends;
  }

  /** Returns what is used when it is installed: a disjunction of atoms. */
  public Formula<Dependency> depopts() {
    return depopts;
  }

  /** Returns what must not be installed: a disjunction of atoms. */
  public Formula<Dependency> conflicts() {
    return conflicts;
  }

  /** Returns the classes of which only one package may be installed, each once. */
  public List<PackageName> conflictClasses() {
    return conflictClasses;
  }

  /** Returns on which platforms the package exists. */
  public Filter available() {
    return available;
  }

  /** Returns the flags, those given as tags {@code flags:…} included. */
  public SequencedSet<String> flags() {
    return flags;
  }

  /** Says whether the package carries a flag, such as {@code avoid-version}. */
  public boolean hasFlag(String flag) {
    return flags.contains(flag);
  }

  /** Returns where the source is. */
  public Optional<Source> url() {
    return url;
  }

  /** Returns the files that are fetched next to the source. */
  public List<ExtraSource> extraSources() {
    return extraSources;
  }

  /** Returns the files of the repository that are copied next to the source. */
  public List<ExtraFile> extraFiles() {
    return extraFiles;
  }

  /** Returns the system packages that are needed. */
  public Depexts depexts() {
    return depexts;
  }

  /** Returns what to pin when this package is pinned. */
  public List<PinDepend> pinDepends() {
    return pinDepends;
  }

  /** Returns the commands that build. */
  public List<OpamCommand> build() {
    return build;
  }

  /** Returns the commands that install. */
  public List<OpamCommand> install() {
    return install;
  }

  /** Returns the commands that test. */
  public List<OpamCommand> runTest() {
    return runTest;
  }

  /** Returns the commands that uninstall. */
  public List<OpamCommand> remove() {
    return remove;
  }

  /** Returns the patches to apply. */
  public List<Filtered<String>> patches() {
    return patches;
  }

  /** Returns the files to make of those with {@code .in} appended. */
  public List<String> substs() {
    return substs;
  }

  /** Returns the one-line summary. */
  public Optional<String> synopsis() {
    return read("synopsis", Values::string);
  }

  /** Returns the long description. */
  public Optional<String> description() {
    return read("description", Values::string);
  }

  /** Returns where development happens. */
  public Optional<String> devRepo() {
    return read("dev-repo", Values::string);
  }

  /** Returns the maintainers. */
  public List<String> maintainers() {
    return readStrings("maintainer");
  }

  /** Returns the authors. */
  public List<String> authors() {
    return readStrings(field("authors").isPresent() ? "authors" : "author");
  }

  /** Returns the licences. */
  public List<String> licenses() {
    return readStrings("license");
  }

  /** Returns the tags. */
  public List<String> tags() {
    return readStrings("tags");
  }

  /** Returns the strings of a field that may hold one or several, such as {@code homepage}. */
  public List<String> strings(String field) {
    return field(field).map(Values::elements).orElse(List.of()).stream()
        .filter(Value.Str.class::isInstance)
        .map(Values::string)
        .toList();
  }

  /** Returns the file as text again. */
  public String print() {
    return OpamPrinter.print(items);
  }

  @Override
  public String toString() {
    return fileName;
  }
}
