package dev.millrace.plugins.git;

import dev.millrace.plugins.git.RawGit.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;

/** Makes a hostile repository, and says what must come of it. */
@FunctionalInterface
interface HostileCase {
  /** Makes it. */
  Expected make(HostileFixture at) throws Exception;

  /** What must come of a repository. */
  sealed interface Expected {
    /** These files and no others. */
    record Files(Map<String, String> files) implements Expected {}

    /** A refusal whose one line contains all of these. */
    record Refusal(List<String> parts) implements Expected {}
  }

  static Expected refused(String... parts) {
    return new Expected.Refusal(List.of(parts));
  }

  /** The commit of these entries, and its refusal. */
  static Expected refused(HostileFixture at, String part, Entry... entries) throws Exception {
    at.git.head(at.git.tree(entries));
    return refused(part);
  }

  static Expected exported(String... namesAndContents) {
    Map<String, String> files = new TreeMap<>();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      files.put(namesAndContents[i], namesAndContents[i + 1]);
    }
    return new Expected.Files(files);
  }

  /** The commit of these files, which is exported. */
  static Expected exported(HostileFixture at, Map<String, String> files) throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, String> one : new TreeMap<>(files).entrySet()) {
      entries.add(Entry.file(one.getKey(), at.git.blob(one.getValue())));
    }
    at.git.head(at.git.tree(entries.toArray(new Entry[0])));
    return new Expected.Files(new TreeMap<>(files));
  }

  static <T> Stream<Arguments> arguments(Map<String, T> all) {
    return all.entrySet().stream()
        .map(one -> Named.named(Printable.of(one.getKey()), one.getValue()))
        .map(Arguments::of);
  }
}
