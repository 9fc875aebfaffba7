package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.TaskScope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Goal: every published package can be read; the counts were taken by another implementation. */
final class CorpusTest {
  private final AtomicInteger files = new AtomicInteger();
  private final Map<String, Integer> fields = new ConcurrentHashMap<>();
  private final Map<Relop, Integer> relops = new ConcurrentHashMap<>();
  private final Strings strings = new Strings();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();

  @Test
  void readsAndPrintsEveryPublishedPackage() throws Exception {
    Path packages = OpamCorpus.directory().resolve("packages");
    List<Path> paths;
    try (Stream<Path> all = Files.walk(packages, 3)) {
      paths =
          all.filter(path -> path.endsWith("opam") && Files.isRegularFile(path)).sorted().toList();
    }
    int processors = Runtime.getRuntime().availableProcessors();
    AtomicInteger next = new AtomicInteger();
    try (TaskScope scope = TaskScope.open("corpus", processors)) {
      for (int i = 0; i < processors; i++) {
        scope.fork(
            () -> {
              for (int at = next.getAndIncrement();
                  at < paths.size();
                  at = next.getAndIncrement()) {
                Path path = paths.get(at);
                check(Files.readAllBytes(path), packages.relativize(path).getName(1).toString());
              }
              return true;
            });
      }
      scope.join();
    }

    assertThat(faults).isEmpty();
    assertThat(files).hasValue(18_793);
    assertThat(fields)
        .containsEntry("depends", 18_560)
        .containsEntry("url", 17_978)
        .containsEntry("conflicts", 2_730)
        .containsEntry("available", 2_217)
        .containsEntry("depopts", 1_314)
        .containsEntry("depexts", 1_037)
        .containsEntry("conflict-class", 222)
        .containsEntry("x-commit-hash", 6_356)
        .containsEntry("x-maintenance-intent", 3_299)
        .containsEntry("x-ci-accept-failures", 450)
        .containsEntry("x-extra-doc-deps", 18)
        .containsEntry("extra-source", 954);
    assertThat(relops)
        .containsEntry(Relop.GEQ, 78_607)
        .containsEntry(Relop.LT, 18_786)
        .containsEntry(Relop.EQ, 11_711)
        .containsEntry(Relop.NEQ, 321)
        .containsEntry(Relop.LEQ, 251)
        .containsEntry(Relop.GT, 224);
  }

  private void check(byte[] bytes, String name) {
    OpamFile file = OpamFile.parse(bytes, name);
    files.incrementAndGet();
    PackageTerms terms = PackageTerms.parse(bytes, name);
    if (!terms.equals(file.terms())) {
      faults.add(name + ": has other terms when they are read alone");
    }
    if (!TermsCodec.decode(TermsCodec.encode(terms, strings), strings).equals(terms)) {
      faults.add(name + ": has other terms when they were encoded");
    }
    file.formatErrors().forEach(error -> faults.add(error.toString()));
    for (Item item : file.items()) {
      String key = item instanceof Item.Field(var field, _, _) ? field : kind(item);
      fields.merge(key, 1, Integer::sum);
    }
    for (Formula<Dependency> formula : List.of(file.depends(), file.depopts(), file.conflicts())) {
      formula.forEachAtom(atom -> atom.condition().forEachAtom(this::count));
    }
    OpamFile again = OpamFile.parse(file.print(), name);
    if (!again.items().equals(file.items())) {
      faults.add(name + ": prints as something else");
    }
    List<Item> normalised =
        OpamSyntax.parse(OpamText.encode(OpamPrinter.normalise(file.items())), name);
    if (!OpamPrinter.normalise(normalised).equals(OpamPrinter.normalise(file.items()))) {
      faults.add(name + ": normalises as something else");
    }
  }

  private void count(Condition condition) {
    if (condition instanceof Condition.Version(var op, _)) {
      relops.merge(op, 1, Integer::sum);
    }
  }

  private static String kind(Item item) {
    return item instanceof Item.Section section ? section.kind() : "";
  }
}
