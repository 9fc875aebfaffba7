package dev.millrace.opam;

import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.stream.Stream;

/**
 * The description of a package: a file {@code opam}. Immutable.
 *
 * <p>A field that is unknown, given twice or badly typed is skipped and reported by {@link
 * #formatErrors}; the rest of the file is used. The accessors return what opam takes when a field
 * is absent: an empty formula, an empty list, true.
 */
public final class OpamFile {
  private final String fileName;
  private final byte[] bytes;
  private final List<FormatError> errors;
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
  private final List<OpamCommand> buildTest;

  private OpamFile(byte[] bytes, String fileName) {
    this.fileName = fileName;
    this.bytes = bytes;
    var reader = new OpamFileReader(OpamSyntax.parse(bytes, fileName), fileName);
    name = reader.read("name", Values::packageName);
    version = reader.read("version", Values::packageVersion);
    depends = reader.read("depends", Values::depends).orElseGet(Formula::empty);
    depopts = reader.read("depopts", Values::alternatives).orElseGet(Formula::empty);
    conflicts = reader.read("conflicts", Values::alternatives).orElseGet(Formula::empty);
    conflictClasses = reader.readConflictClasses();
    available = reader.readAvailable();
    flags = reader.readFlags();
    url = reader.readUrl();
    extraSources = reader.readExtraSources();
    extraFiles =
        reader
            .read("extra-files", value -> Values.pairs(value, Values::extraFile))
            .orElse(List.of());
    depexts = reader.read("depexts", Values::depexts).orElseGet(() -> new Depexts(List.of()));
    pinDepends =
        reader
            .read("pin-depends", value -> Values.pairs(value, Values::pinDepend))
            .orElse(List.of());
    build = reader.readCommands("build");
    install = reader.readCommands("install");
    runTest = reader.readCommands("run-test");
    remove = reader.readCommands("remove");
    patches =
        reader
            .read(
                "patches",
                value -> Values.list(value, item -> Values.filtered(item, Values::string)))
            .orElse(List.of());
    substs = reader.readStrings("substs");
    buildTest = reader.readCommands("build-test");
    reader.readCommands("build-doc");
    for (String messages : List.of("messages", "post-messages", "libraries", "syntax")) {
      reader.read(
          messages, value -> Values.list(value, item -> Values.filtered(item, Values::string)));
    }
    for (String updates : List.of("setenv", "build-env")) {
      reader.read(updates, Values::checkUpdates);
    }
    reader.read("x-env-path-rewrite", Values::checkRewrites);
    for (String text : List.of("synopsis", "description", "dev-repo", "descr")) {
      reader.read(text, Values::string);
    }
    for (String texts :
        List.of("maintainer", "authors", "license", "homepage", "doc", "bug-reports", "tags")) {
      reader.readStrings(texts);
    }
    errors = reader.errors();
  }

  /**
   * Parses a package file.
   *
   * @param fileName the name that messages give
   * @throws OpamParseException if the bytes are not in opam's syntax, or are of a format version
   *     other than 2.0
   */
  public static OpamFile parse(byte[] bytes, String fileName) {
    return new OpamFile(bytes.clone(), fileName);
  }

  /** Parses a package file that is at hand as text. */
  public static OpamFile parse(String text, String fileName) {
    return parse(OpamText.encode(text), fileName);
  }

  /** Returns the name under which the file was parsed. */
  public String fileName() {
    return fileName;
  }

  /** Returns everything in the file, in its order; it is parsed again. */
  public List<Item> items() {
    return OpamSyntax.parse(bytes, fileName);
  }

  /** Returns the bytes that were parsed. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns what opam would skip in this file, in the order found. */
  public List<FormatError> formatErrors() {
    return errors;
  }

  /**
   * Returns the value of any top-level field, as written; when there are several, of the first, but
   * of an extension ({@code x-…}) of the last, as opam does. The file is parsed again, so this is
   * not for inner loops.
   */
  public Optional<Value> field(String field) {
    return OpamFileReader.field(items(), field);
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

  /** Returns the part that decides which versions go together. */
  public PackageTerms terms() {
    return new PackageTerms(
        depends, conflicts, conflictClasses, available, hasFlag("avoid-version"));
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
    return string("synopsis").or(() -> string("descr"));
  }

  /** Returns the long description. */
  public Optional<String> description() {
    return string("description");
  }

  /** Returns where development happens. */
  public Optional<String> devRepo() {
    return string("dev-repo");
  }

  /** Returns the maintainers. */
  public List<String> maintainers() {
    return strings("maintainer");
  }

  /** Returns the authors. */
  public List<String> authors() {
    return strings(field("authors").isPresent() ? "authors" : "author");
  }

  /** Returns the licences. */
  public List<String> licenses() {
    return strings("license");
  }

  /** Returns the tags. */
  public List<String> tags() {
    return strings("tags");
  }

  private Optional<String> string(String field) {
    return field(field).filter(Value.Str.class::isInstance).map(Values::string);
  }

  /**
   * Returns the strings of a field that may hold one or several, such as {@code homepage}; none if
   * something else is among them.
   */
  public List<String> strings(String field) {
    List<Value> elements = field(field).map(Values::elements).orElse(List.of());
    return elements.stream().allMatch(Value.Str.class::isInstance)
        ? elements.stream().map(Values::string).toList()
        : List.of();
  }

  /**
   * Says whether a package that was built from this file needs no rebuild for the other: opam's
   * {@code effectively_equal}. Metadata, messages, system packages and most {@code x-} fields do
   * not count; of a source only the first checksum does, or the URL where there is none.
   */
  public boolean isEffectivelyEqual(OpamFile other) {
    return effect().equals(other.effect());
  }

  private List<Object> effect() {
    List<OpamCommand> tests = Stream.concat(runTest.stream(), buildTest.stream()).toList();
    return List.of(
        List.of(name, version, depends, depopts, conflicts, conflictClasses, available),
        List.of(hasFlag("plugin"), substs, patches, extraFiles),
        List.of(effect(build), effect(tests), effect(install), effect(remove)),
        List.of(field("setenv"), field("build-env"), field("features")),
        List.of(field("x-env-path-rewrite"), url.map(OpamFile::effect)),
        extraSources.stream().map(e -> List.of(e.fileName(), effect(e.source()))).toList());
  }

  private static List<OpamCommand> effect(List<OpamCommand> commands) {
    return commands.stream().filter(command -> !command.arguments().isEmpty()).toList();
  }

  private static String effect(Source source) {
    return source.checksums().stream().findFirst().map(OpamHash::toString).orElse(source.src());
  }

  /** Returns the file as text again. */
  public String print() {
    return OpamPrinter.print(items());
  }

  @Override
  public String toString() {
    return fileName;
  }
}
