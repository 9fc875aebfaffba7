package dev.millrace.opam;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Package files by name and version, as they stood at one moment: {@code
 * packages/NAME/NAME.VERSION/opam}.
 *
 * <p>What is not a package by its directory's name, or has no file {@code opam}, is passed over.
 * Thread-safe. Whoever opened a repository closes it. Reading throws {@link
 * java.io.UncheckedIOException} when the storage fails.
 */
public interface OpamRepository extends AutoCloseable {
  /**
   * Returns the names of all packages, in their order. This is cheap, for it looks into no package:
   * a name may turn out to have no versions.
   */
  List<PackageName> listNames();

  /**
   * Returns the versions of a package, oldest first; none for an unknown name. Of versions that are
   * equal in opam's order, each is listed, the plainest spelling last.
   */
  List<PackageVersion> listVersions(PackageName name);

  /**
   * Returns a package's description.
   *
   * @throws OpamParseException if the file cannot be parsed
   */
  Optional<OpamFile> find(Package target);

  /**
   * Returns the part of a package's description that decides which versions go together; cheaper
   * than the whole where the repository has an index.
   *
   * @throws OpamParseException if the file cannot be parsed
   */
  default Optional<PackageTerms> findTerms(Package target) {
    return find(target).map(OpamFile::terms);
  }

  /**
   * Returns a text such that, where it is the same, the descriptions of all versions of the package
   * are: also between repositories. Different texts say nothing.
   */
  default String fingerprint(PackageName name) {
    var parts = new ArrayList<String>();
    for (PackageVersion version : listVersions(name)) {
      parts.add(version.text());
      parts.add(fingerprint(new Package(name, version)));
    }
    return parts.isEmpty() ? "" : TreeDigest.of(parts);
  }

  /**
   * Returns the names whose fingerprints differ from those in an earlier state, in no order; cheap
   * between commits of one indexed git repository.
   */
  default Set<PackageName> listChanged(OpamRepository earlier) {
    var names = new HashSet<PackageName>(earlier.listNames());
    names.addAll(listNames());
    names.removeIf(name -> earlier.fingerprint(name).equals(fingerprint(name)));
    return names;
  }

  /** Returns the same as {@link #fingerprint(PackageName)} for one version. */
  default String fingerprint(Package target) {
    return findBytes(target).map(TreeDigest::of).orElse("");
  }

  /** Returns a package's description as bytes. */
  Optional<byte[]> findBytes(Package target);

  /** Returns what is in a package's {@code files/} directory, by path in it, sorted. */
  Map<String, byte[]> listFiles(Package target);

  /** Returns what names this content: a commit's hash, or a digest. */
  String identity();

  @Override
  void close();
}
