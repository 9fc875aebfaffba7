package dev.millrace.opam;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the index knows of one state of a git repository's packages. Immutable but for what it
 * remembers; thread-safe.
 *
 * @param commit the commit that was looked at
 * @param packages its tree {@code packages}
 * @param names what each package's tree holds, by the package's name
 * @param terms the terms of their files, and of others
 */
record IndexSnapshot(
    ObjectName commit, ObjectName packages, Map<String, Versions> names, TermsById terms) {
  /** Of no packages. */
  static IndexSnapshot empty() {
    return new IndexSnapshot(
        ObjectName.NONE, ObjectName.NONE, Map.of(), new TermsById(Stored.NONE));
  }

  /** The versions of one package, in the order of listings. */
  static final class Versions {
    private final ObjectName tree;
    private final @Nullable Reader reader;
    // Racing threads read the same.
    private volatile @Nullable List<Version> list;

    Versions(ObjectName tree, List<Version> list) {
      this.tree = tree;
      this.list = List.copyOf(list);
      this.reader = null;
    }

    Versions(ObjectName tree, Reader reader) {
      this.tree = tree;
      this.reader = reader;
    }

    /** Reads them when they are asked for. */
    interface Reader {
      List<Version> read();
    }

    ObjectName tree() {
      return tree;
    }

    List<Version> list() {
      List<Version> known = list;
      if (known == null) {
        known = reader == null ? List.of() : reader.read();
        list = known;
      }
      return known;
    }

    Optional<ObjectName> file(PackageVersion version) {
      for (Version candidate : list()) {
        if (candidate.version().equals(version)) {
          return Optional.of(candidate.file());
        }
      }
      return Optional.empty();
    }
  }

  /** A version and its file {@code opam}. */
  record Version(PackageVersion version, ObjectName file) {}

  /** The part that lies in bytes as they were read from the index file. */
  interface Stored {
    Stored NONE =
        new Stored() {
          @Override
          public byte @Nullable [] find(ObjectName file) {
            return null;
          }

          @Override
          public Strings strings() {
            return new Strings();
          }
        };

    /** The encoded terms of a file; null when it has none, empty when the file has a fault. */
    byte @Nullable [] find(ObjectName file);

    Strings strings();
  }

  /** Terms by the file's id: what was stored, and what has been added since. Thread-safe. */
  static final class TermsById {
    private final Stored stored;
    private final Strings strings;
    private final ConcurrentHashMap<ObjectName, byte[]> added = new ConcurrentHashMap<>();
    private final AtomicInteger written = new AtomicInteger(Integer.MIN_VALUE);

    TermsById(Stored stored) {
      this.stored = stored;
      this.strings = stored.strings();
    }

    Strings strings() {
      return strings;
    }

    int added() {
      return added.size();
    }

    /** Says so the first time, and whenever there are so many more than when it last said so. */
    boolean isWorthWriting(int more) {
      int size = added.size();
      int before = written.get();
      return (before < 0 || size - before >= more) && written.compareAndSet(before, size);
    }

    boolean knows(ObjectName file) {
      return encoded(file) != null;
    }

    byte @Nullable [] encoded(ObjectName file) {
      byte[] known = added.get(file);
      return known != null ? known : stored.find(file);
    }

    /** The terms of a file that is known and has no fault. */
    Optional<PackageTerms> find(ObjectName file) {
      byte[] known = encoded(file);
      return known == null || known.length == 0
          ? Optional.empty()
          : Optional.of(TermsCodec.decode(known, strings));
    }

    /** Adds a file's terms; none when it has a fault. */
    void add(ObjectName file, Optional<PackageTerms> terms) {
      added.put(
          file, terms.map(found -> TermsCodec.encode(found, strings)).orElseGet(() -> new byte[0]));
    }
  }

  Optional<Versions> versions(PackageName name) {
    return Optional.ofNullable(names.get(name.text()));
  }

  List<PackageName> listNames() {
    var list = new ArrayList<PackageName>(names.size());
    names.keySet().forEach(name -> list.add(new PackageName(name)));
    list.sort(null);
    return list;
  }

  /** The names whose trees differ. */
  Set<PackageName> changedSince(IndexSnapshot earlier) {
    Set<PackageName> changed = new HashSet<>();
    for (Map.Entry<String, Versions> entry : names.entrySet()) {
      Versions before = earlier.names.get(entry.getKey());
      if (before == null || !before.tree().equals(entry.getValue().tree())) {
        changed.add(new PackageName(entry.getKey()));
      }
    }
    for (String name : earlier.names.keySet()) {
      if (!names.containsKey(name)) {
        changed.add(new PackageName(name));
      }
    }
    return changed;
  }

  /** The same without what was added for files that are no longer there. */
  IndexSnapshot compacted() {
    var kept = new TermsById(Stored.NONE);
    var copies = new HashMap<String, Versions>();
    names.forEach(
        (name, versions) -> {
          copies.put(name, new Versions(versions.tree(), versions.list()));
          versions.list().forEach(version -> copyTerms(version.file(), kept));
        });
    return new IndexSnapshot(commit, packages, Map.copyOf(copies), kept);
  }

  private void copyTerms(ObjectName file, TermsById target) {
    if (terms.knows(file)) {
      target.add(file, terms.find(file));
    }
  }
}
