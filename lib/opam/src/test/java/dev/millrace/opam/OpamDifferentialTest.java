package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Experiment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: files are read as opam 2.3 reads them: the same are refused, the same mistakes are found in
 * them, and what they say is the same (F2). Method: published packages and mutants of them are
 * given to both; what opam prints of a file must be read as the file itself is.
 */
class OpamDifferentialTest {
  private static final int BATCH = 400;

  /**
   * What opam says of URLs that are none depends on where it runs and on what it takes them for.
   */
  private static final Set<Integer> URL_CODES = Set.of(3, 37, 42, 49, 65, 67);

  private static final Set<String> URL_FIELDS = Set.of("url", "extra-source", "dev-repo");
  private static final Pattern URL =
      Pattern.compile(
          "(https?|ftp|file|rsync|ssh|git|hg|darcs)([+](https?|ssh|file))?://[A-Za-z0-9./_~@%?&=+,;:#$\\[\\]{}-]+");

  @TempDir private Path directory;
  private OpamOracle opam;
  private List<Path> files;
  private final Map<String, Integer> kinds = new TreeMap<>();
  private final Map<String, String> differences = new TreeMap<>();

  @BeforeEach
  void findOpam() throws Exception {
    opam = OpamOracle.find(directory);
    try (Stream<Path> all = Files.walk(OpamCorpus.directory().resolve("packages"), 3)) {
      files = all.filter(path -> path.endsWith("opam")).sorted().toList();
    }
  }

  @Test
  void readsPublishedPackagesAsOpamDoes() throws Exception {
    Experiment experiment = Experiment.begin("published packages, read by opam");
    int count = experiment.count(200, files.size(), files.size());
    int first = experiment.random().nextInt(files.size());
    int stride = files.size() / count;
    List<byte[]> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      batch.add(Files.readAllBytes(files.get((first + i * stride) % files.size())));
      if (batch.size() == BATCH || i == count - 1) {
        compare(batch);
        batch.clear();
      }
    }
    conclude(experiment);
  }

  /** At night: what is found is news about opam's corners, and no fault of the last change. */
  @Test
  void readsMutantsAsOpamDoes() throws Exception {
    assumeTrue(Experiment.Tier.current() != Experiment.Tier.CHECK, "only with --nightly: a search");
    Experiment experiment = Experiment.begin("mutants of packages, read by opam");
    OpamMutants mutants = new OpamMutants(experiment.random());
    int count = experiment.count(100_000, 100_000, 1_000_000);
    for (int done = 0; done < count; done += BATCH) {
      List<byte[]> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        Path file = files.get(experiment.random().nextInt(files.size()));
        batch.add(mutants.of(Files.readAllBytes(file)));
      }
      compare(batch);
    }
    conclude(experiment);
  }

  private void conclude(Experiment experiment) {
    experiment.report(kinds.toString());
    assertThat(differences.values()).as(experiment::toString).isEmpty();
  }

  private void compare(List<byte[]> batch) throws IOException, InterruptedException {
    List<Optional<OpamOracle.Answer>> answers = opam.ask(batch);
    for (int i = 0; i < batch.size(); i++) {
      if (answers.get(i).isPresent()) {
        compare(batch.get(i), answers.get(i).get());
      } else {
        kinds.merge("opam itself failed", 1, Integer::sum);
      }
    }
  }

  private void compare(byte[] bytes, OpamOracle.Answer theirs) {
    Optional<OpamFile> file;
    try {
      file = Optional.of(OpamFile.parse(bytes, "f"));
    } catch (OpamParseException e) {
      file = Optional.empty();
    }
    kinds.merge(file.isPresent() ? "read" : "refused", 1, Integer::sum);
    if (theirs.shown().isEmpty() && file.filter(OpamDifferentialTest::hasOddRewrites).isPresent()) {
      kinds.merge("refused by opam for its x-env-path-rewrite", 1, Integer::sum);
      return;
    }
    if (file.isPresent() != theirs.shown().isPresent()) {
      differ(file.isPresent() ? "refused by opam only" : "read by opam only", "", bytes);
      return;
    }
    SortedSet<String> codes = new TreeSet<>();
    OpamLint.check(bytes, "f", Optional.empty(), Optional.of(Set.of()))
        .forEach(
            finding ->
                codes.add(finding.level().name().toLowerCase(Locale.ROOT) + " " + finding.code()));
    boolean odd = file.isPresent() && hasOddUrl(file.get());
    // A missing checksum is looked for by opam only if it may use the network.
    Set<Integer> apart = new TreeSet<>(Set.of(59));
    if (odd) {
      apart.addAll(URL_CODES);
    }
    if (file.isPresent() && hasSmallOperators(file.get())) {
      apart.add(62);
    }
    // It takes the first byte as Latin-1.
    if (file.flatMap(OpamFile::synopsis)
        .filter(text -> text.matches("(?s)[^\\x00-\\x7f].*"))
        .isPresent()) {
      apart.add(47);
    }
    if (file.isPresent() && !known(file.get().flags()).equals(file.get().flags())) {
      apart.add(28);
    }
    for (SortedSet<String> some : List.of(codes, theirs.codes())) {
      some.removeIf(code -> apart.contains(Integer.parseInt(code.replaceAll("\\D", ""))));
    }
    if (!codes.equals(theirs.codes())) {
      SortedSet<String> more = new TreeSet<>(codes);
      more.removeAll(theirs.codes());
      SortedSet<String> fewer = new TreeSet<>(theirs.codes());
      fewer.removeAll(codes);
      differ("lint finds +" + more + " -" + fewer, "", bytes);
    }
    if (file.isPresent()) {
      OpamFile again = OpamFile.parse(theirs.shown().orElseThrow(), "f");
      boolean tagged = file.get().field("depexts").filter(v -> Values.depth(v) > 2).isPresent();
      Map<String, Object> ours = said(file.get(), tagged);
      Map<String, Object> printed = said(again, tagged);
      for (String what : ours.keySet()) {
        boolean leftOut = odd && URL_FIELDS.contains(what);
        if (!leftOut && !ours.get(what).equals(printed.get(what))) {
          differ("says another " + what, ours.get(what) + "\n    " + printed.get(what), bytes);
        }
      }
    }
  }

  /** What a file says, apart from what opam writes in another way: see the methods below. */
  private static Map<String, Object> said(OpamFile file, boolean tagged) {
    Map<String, Object> said = new TreeMap<>();
    said.put("name", file.name());
    said.put("version", file.version());
    said.put("depends", plain(file.depends(), OpamDifferentialTest::plain));
    // Alternatives, whose order means nothing; opam turns that of a & b around.
    said.put("depopts", file.depopts().atoms().stream().map(atom -> plain(atom)).sorted().toList());
    said.put("conflicts", plain(file.conflicts(), OpamDifferentialTest::plain));
    said.put("conflict-class", Set.copyOf(file.conflictClasses()));
    said.put("available", plain(file.available()));
    said.put("flags", known(file.flags()));
    said.put("url", file.url());
    said.put("extra-source", sorted(file.extraSources()));
    said.put("extra-files", sorted(file.extraFiles()));
    said.put("depexts", plain(file.depexts(), tagged));
    said.put("pin-depends", file.pinDepends());
    said.put("build", plain(file.build()));
    said.put("install", plain(file.install()));
    said.put("run-test", plain(file.runTest()));
    said.put("remove", plain(file.remove()));
    said.put("patches", file.patches());
    said.put("substs", file.substs());
    said.put("synopsis", file.synopsis().orElse("").strip());
    said.put("description", file.description().orElse("").strip());
    said.put("dev-repo", file.devRepo().map(OpamDifferentialTest::plainUrl));
    said.put("maintainer", file.maintainers());
    said.put("authors", file.authors());
    said.put("license", file.licenses());
    said.put("tags", file.tags());
    said.put("homepage", file.strings("homepage"));
    return said;
  }

  private static boolean hasOddUrl(OpamFile file) {
    Stream<Source> sources =
        Stream.concat(file.url().stream(), file.extraSources().stream().map(ExtraSource::source));
    return sources
            .flatMap(source -> Stream.concat(Stream.of(source.src()), source.mirrors().stream()))
            .anyMatch(url -> !URL.matcher(url).matches())
        || (file.field("dev-repo").isPresent()
            && file.devRepo().filter(url -> URL.matcher(url).matches()).isEmpty());
  }

  private static boolean hasOddRewrites(OpamFile file) {
    return file.formatErrors().stream()
        .anyMatch(error -> error.problem().startsWith("in field x-env-path-rewrite:"));
  }

  /** Of opam 1's form, whose tags have become filters that never hold, only the names count. */
  private static List<?> plain(Depexts depexts, boolean tagged) {
    return depexts.groups().stream()
        .map(
            group ->
                List.of(
                    sorted(group.value()),
                    tagged ? Optional.empty() : group.filter().map(f -> plain(f))))
        .toList();
  }

  /** opam drops flags that it does not know, without a word. */
  private static Set<String> known(Set<String> flags) {
    Set<String> known = new TreeSet<>(flags);
    known.retainAll(
        List.of(
            "light-uninstall",
            "verbose",
            "plugin",
            "compiler",
            "conf",
            "avoid-version",
            "deprecated"));
    return known;
  }

  /** The newer specification of licences allows {@code with} and its like in small letters. */
  private static boolean hasSmallOperators(OpamFile file) {
    return file.licenses().stream().anyMatch(text -> text.matches(".*\\b(with|and|or)\\b.*"));
  }

  private static <T> List<String> sorted(List<T> list) {
    return list.stream().map(Object::toString).distinct().sorted().toList();
  }

  /** The transport stands in another place. */
  private static String plainUrl(String url) {
    return url.replaceFirst("^(git|hg|darcs)://([a-z]+)://", "$1+$2://");
  }

  private static String plain(Dependency dependency) {
    return dependency.name()
        + "{"
        + plain(
            dependency.condition(),
            condition ->
                switch (condition) {
                  case Condition.When(Filter.Bool(var value)) when value -> "()";
                  case Condition.When(var filter) -> plain(filter);
                  case Condition.Version(var op, var value) -> op + " " + plain(value);
                })
        + "}";
  }

  /** Parentheses that change nothing may be written or not. */
  private static <A> String plain(Formula<A> formula, Function<? super A, String> atom) {
    return switch (formula) {
      case Formula.Empty<A> _ -> "()";
      case Formula.Atom<A>(var value) -> atom.apply(value);
      case Formula.Block<A>(var inner) -> plain(inner, atom);
      case Formula.And<A>(var left, var right) ->
          connected(" & ", plain(left, atom), plain(right, atom));
      case Formula.Or<A>(var left, var right) ->
          connected(" | ", plain(left, atom), plain(right, atom));
    };
  }

  private static String plain(Filter filter) {
    return switch (filter) {
      case Filter.And(var left, var right) -> connected(" & ", plain(left), plain(right));
      case Filter.Or(var left, var right) -> connected(" | ", plain(left), plain(right));
      case Filter.Not(var inner) -> "!(" + plain(inner) + ")";
      case Filter.Defined(var inner) -> "?(" + plain(inner) + ")";
      case Filter.Compare(var op, var left, var right) ->
          "(" + plain(left) + " " + op + " " + plain(right) + ")";
      case Filter.Bool _, Filter.Text _, Filter.Ident _ -> filter.toString();
    };
  }

  /** {@code (a & b) & c} and {@code a & (b & c)} are one. */
  private static String connected(String operator, String left, String right) {
    // opam writes true as (), which is read as nothing.
    if (left.equals("()") || right.equals("()")) {
      return left.equals("()") ? right : left;
    }
    return "<"
        + operator
        + bare(operator, left)
        + operator
        + bare(operator, right)
        + operator
        + ">";
  }

  private static String bare(String operator, String operand) {
    boolean same = operand.startsWith("<" + operator);
    return same
        ? operand.substring(1 + operator.length(), operand.length() - operator.length() - 1)
        : operand;
  }

  private static List<String> plain(List<OpamCommand> commands) {
    return commands.stream()
        .filter(command -> !command.arguments().isEmpty())
        .map(
            command ->
                command.arguments().stream()
                        .map(
                            a ->
                                a.value()
                                    + " "
                                    + a.filter().map(f -> plain(f)).filter(f -> !f.equals("true")))
                        .toList()
                    + " "
                    + command.filter().map(f -> plain(f)).filter(f -> !f.equals("true")))
        .toList();
  }

  private void differ(String kind, String detail, byte[] bytes) {
    kinds.merge(kind, 1, Integer::sum);
    // One of each kind is enough to read, the shortest.
    String shown =
        "%s: %s%n%s"
            .formatted(kind, detail, OpamText.decode(bytes).replaceAll("(?m)^", "    | "))
            .replace("\0", "<NUL>");
    differences.merge(kind, shown, (a, b) -> a.length() <= b.length() ? a : b);
  }
}
