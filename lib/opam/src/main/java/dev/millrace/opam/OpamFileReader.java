package dev.millrace.opam;

import dev.millrace.opam.Item.Field;
import dev.millrace.opam.Item.Section;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads the fields of a package file and collects what is wrong with them. One thread at a time,
 * used while the file is made.
 */
final class OpamFileReader {
  private static final Set<String> FIELDS =
      Set.of(
          ("opam-version name version synopsis description maintainer authors author license"
                  + " homepage doc bug-reports tags depends depopts conflicts conflict-class"
                  + " available flags setenv build-env build install remove run-test build-test"
                  + " build-doc substs patches features libraries syntax messages post-messages"
                  + " depexts dev-repo pin-depends extra-files ocaml-version os configure-style descr"
                  + " extra-sources")
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
  private static final String FORMAT = "2.0";

  /** How many faults are named; a file may have one on each line. */
  private static final int ERRORS_MAX = 100;

  private final String fileName;
  private final List<Item> items;
  private final List<FormatError> errors = new ArrayList<>();
  private final Set<String> invalid = new HashSet<>();

  OpamFileReader(List<Item> items, String fileName) {
    this(fileName, items);
    checkItems();
  }

  private OpamFileReader(String fileName, List<Item> items) {
    this.fileName = fileName;
    this.items = items;
    checkFormatVersion();
  }

  /** A reader that does not look for unknown fields. */
  static OpamFileReader forTerms(List<Item> items, String fileName) {
    return new OpamFileReader(fileName, items);
  }

  PackageTerms readTerms() {
    return new PackageTerms(
        read("depends", Values::depends).orElseGet(Formula::empty),
        read("conflicts", Values::alternatives).orElseGet(Formula::empty),
        readConflictClasses(),
        readAvailable(),
        readFlags().contains("avoid-version"));
  }

  List<PackageName> readConflictClasses() {
    return read("conflict-class", value -> Values.list(value, Values::packageName))
        .map(classes -> classes.stream().distinct().toList())
        .orElse(List.of());
  }

  /** With what opam 1 said in fields of their own. */
  Filter readAvailable() {
    return Stream.of(
            read("ocaml-version", Values::compilerVersions),
            read("os", Values::systems),
            read("available", Values::filters))
        .flatMap(Optional::stream)
        .reduce(Filter.And::new)
        .orElseGet(() -> new Filter.Bool(true));
  }

  List<FormatError> errors() {
    return List.copyOf(errors);
  }

  /** Of several fields with one name the first counts, but of extensions the last. */
  static Optional<Value> field(List<Item> items, String name) {
    Optional<Value> found = Optional.empty();
    for (Item item : items) {
      if (item instanceof Field(var candidate, var value, _)
          && candidate.equals(name)
          && (found.isEmpty() || name.startsWith("x-"))) {
        found = Optional.of(value);
      }
    }
    return found;
  }

  Optional<Source> readUrl() {
    return sections("url")
        .findFirst()
        .filter(section -> section.title().isEmpty())
        .flatMap(this::source);
  }

  private void checkFormatVersion() {
    List<Field> given =
        fields().filter(candidate -> candidate.name().equals("opam-version")).toList();
    Optional<String> text =
        given.stream()
            .findFirst()
            .filter(candidate -> candidate.value() instanceof Value.Str)
            .map(candidate -> Values.string(candidate.value()));
    if (!items.isEmpty() && items.getLast() instanceof Section end && end.kind().equals("#")) {
      throw refusal(end.at(), "what only a newer opam can read");
    }
    if (given.size() > 1) {
      throw refusal(given.get(1).at(), "another opam-version");
    }
    if (text.isEmpty() || VersionOrder.compare(withoutPatch(text.get()), FORMAT) > 0) {
      throw refusal(
          given.isEmpty() ? Position.NONE : given.getFirst().at(),
          text.map(v -> "the unsupported version \"" + Token.abbreviated(v) + "\"").orElse("none"));
    }
  }

  private OpamParseException refusal(Position at, String found) {
    return new OpamParseException(
        fileName, at.line(), at.column(), "expected opam-version: \"2.0\" but found " + found);
  }

  /** The part that counts: up to a second dot, or else the numbers that it begins with. */
  static String withoutPatch(String version) {
    int second = version.indexOf('.', version.indexOf('.') + 1);
    if (version.indexOf('.') >= 0 && second >= 0) {
      return version.substring(0, second);
    }
    int i = 0;
    while (i < version.length() && (Ascii.isDigit(version.charAt(i)) || version.charAt(i) == '.')) {
      i++;
    }
    return version.substring(0, i);
  }

  private void checkItems() {
    var seen = new HashSet<String>();
    for (Item item : items) {
      switch (item) {
        case Field(var field, _, var at) -> {
          String canonical = field.equals("author") ? "authors" : field;
          if (!FIELDS.contains(field) && !field.startsWith("x-")) {
            report(
                at,
                "expected a field of opam's, or one starting with x-, but found "
                    + Token.abbreviated(field));
          } else if (!seen.add(canonical) && !field.startsWith("x-")) {
            // Of an extension opam takes the last, without a word.
            report(at, "expected each field once but found " + Token.abbreviated(field) + " again");
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
    String shown = Token.abbreviated(key);
    if (!known) {
      report(
          section.at(),
          "expected the section url { } or extra-source \"file\" { } but found " + shown);
      return;
    }
    if (!seen.add(key)) {
      report(section.at(), "expected each section once but found " + shown + " again");
    }
    var inner = new HashSet<String>();
    for (Item item : section.items()) {
      boolean valid = item instanceof Field field && SOURCE_FIELDS.contains(field.name());
      // In the section of an extra source opam passes over what it does not know.
      if (!titled && !(valid && inner.add(((Field) item).name()))) {
        report(item.at(), "expected src, checksum, mirrors or subpath, each once, in " + shown);
      }
    }
  }

  private void report(Position at, String problem) {
    if (errors.size() < ERRORS_MAX) {
      errors.add(new FormatError(fileName, at.line(), at.column(), problem));
    } else if (errors.size() == ERRORS_MAX) {
      errors.add(new FormatError(fileName, at.line(), at.column(), "… and more like these"));
    }
  }

  private Stream<Field> fields() {
    return items.stream().filter(Field.class::isInstance).map(Field.class::cast);
  }

  private Stream<Section> sections(String kind) {
    return items.stream()
        .filter(Section.class::isInstance)
        .map(Section.class::cast)
        .filter(section -> section.kind().equals(kind));
  }

  <T> Optional<T> read(String field, Function<Value, T> reader) {
    return field(items, field).flatMap(value -> attempt(field, value, reader));
  }

  private <T> Optional<T> attempt(String what, Value value, Function<Value, T> reader) {
    try {
      Values.requireShallow(value);
      return Optional.of(reader.apply(value));
    } catch (MisfitException e) {
      if (invalid.add(what)) {
        report(e.at(), "in field " + Token.abbreviated(what) + ": " + e.getMessage());
      }
      return Optional.empty();
    }
  }

  List<OpamCommand> readCommands(String field) {
    return read(field, Values::commands).orElse(List.of());
  }

  List<String> readStrings(String field) {
    return read(field, value -> Values.list(value, Values::string)).orElse(List.of());
  }

  SequencedSet<String> readFlags() {
    var all = new LinkedHashSet<String>();
    read("flags", value -> Values.list(value, Values::word)).ifPresent(all::addAll);
    all.removeIf(flag -> flag.indexOf(':') >= 0);
    for (String tag : readStrings("tags")) {
      if (tag.startsWith("flags:")) {
        all.add(tag.substring("flags:".length()));
      }
    }
    return Collections.unmodifiableSequencedSet(all);
  }

  private Optional<Source> source(Section section) {
    String what = section.title().map(title -> "extra-source " + title).orElse("url");
    boolean extra = section.kind().equals("extra-source");
    if (extra) {
      // opam passes over what else is wrong in it.
      invalid.add(what);
    }
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
    if (src.isEmpty() && (extra || invalid.add(what))) {
      report(section.at(), "expected the field src in the section " + Token.abbreviated(what));
    }
    return src.map(url -> new Source(url, mirrors, checksums, subpath));
  }

  /** None of them counts if one is without a name or a source; of two with one name the first. */
  List<ExtraSource> readExtraSources() {
    var sources = new ArrayList<ExtraSource>();
    var names = new HashSet<String>();
    boolean sound = true;
    for (Section section : sections("extra-source").toList()) {
      Optional<Source> source = source(section);
      sound &= section.title().isPresent() && source.isPresent();
      if (sound && names.add(section.title().orElseThrow())) {
        sources.add(new ExtraSource(section.title().orElseThrow(), source.orElseThrow()));
      }
    }
    return sound ? List.copyOf(sources) : List.of();
  }
}
