package dev.millrace.opam;

import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What differs between two states of a repository, as far as the choice of versions goes.
 * Immutable.
 *
 * @param changes the versions that differ; one whose file differs only in what does not matter is
 *     not among them
 */
public record RepositoryDiff(SortedMap<Package, Change> changes) {
  /** Copies. */
  public RepositoryDiff {
    changes = Collections.unmodifiableSortedMap(new TreeMap<>(changes));
  }

  /** What became of a version. */
  public sealed interface Change {
    /** It is new. */
    record Added() implements Change {}

    /** It is gone. */
    record Removed() implements Change {}

    /** Its file says something else in these fields. */
    record Edited(Set<Field> fields) implements Change {
      /** Copies. */
      public Edited {
        fields = Set.copyOf(fields);
      }
    }
  }

  /** A part of {@link PackageTerms}. */
  public enum Field {
    /** {@code depends}. */
    DEPENDS,
    /** {@code conflicts}. */
    CONFLICTS,
    /** {@code conflict-class}. */
    CONFLICT_CLASS,
    /** {@code available}. */
    AVAILABLE,
    /** The flag {@code avoid-version}. */
    AVOID_VERSION
  }

  /**
   * Compares two states. Cheap between commits of one indexed git repository; in other cases every
   * file is read.
   */
  public static RepositoryDiff between(OpamRepository before, OpamRepository after) {
    SortedMap<Package, Change> changes = new TreeMap<>();
    for (PackageName name : after.listChanged(before)) {
      compare(name, before, after, changes);
    }
    return new RepositoryDiff(changes);
  }

  private static void compare(
      PackageName name, OpamRepository before, OpamRepository after, Map<Package, Change> changes) {
    Map<PackageVersion, Change> left = new HashMap<>();
    before.listVersions(name).forEach(version -> left.put(version, new Change.Removed()));
    for (PackageVersion version : after.listVersions(name)) {
      Package target = new Package(name, version);
      if (left.remove(version) == null) {
        changes.put(target, new Change.Added());
      } else if (!before.fingerprint(target).equals(after.fingerprint(target))) {
        Set<Field> fields = fields(terms(target, before), terms(target, after));
        if (!fields.isEmpty()) {
          changes.put(target, new Change.Edited(fields));
        }
      }
    }
    left.forEach((version, change) -> changes.put(new Package(name, version), change));
  }

  /** Nothing for a file with a fault: it differs from everything. */
  private static Optional<PackageTerms> terms(Package target, OpamRepository repository) {
    try {
      return repository.findTerms(target);
    } catch (OpamParseException _) {
      return Optional.empty();
    }
  }

  private static Set<Field> fields(Optional<PackageTerms> before, Optional<PackageTerms> after) {
    if (before.isEmpty() || after.isEmpty()) {
      return EnumSet.allOf(Field.class);
    }
    PackageTerms a = before.get();
    PackageTerms b = after.get();
    Set<Field> fields = EnumSet.noneOf(Field.class);
    addIf(!a.depends().equals(b.depends()), Field.DEPENDS, fields);
    addIf(!a.conflicts().equals(b.conflicts()), Field.CONFLICTS, fields);
    addIf(!a.conflictClasses().equals(b.conflictClasses()), Field.CONFLICT_CLASS, fields);
    addIf(!a.available().equals(b.available()), Field.AVAILABLE, fields);
    addIf(a.avoidVersion() != b.avoidVersion(), Field.AVOID_VERSION, fields);
    return fields;
  }

  private static void addIf(boolean differs, Field field, Set<Field> fields) {
    if (differs) {
      fields.add(field);
    }
  }
}
