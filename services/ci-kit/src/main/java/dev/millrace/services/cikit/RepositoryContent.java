package dev.millrace.services.cikit;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a commit of a project says about how to build it. Immutable; made by {@link
 * ContentExtraction}.
 *
 * @param opamFiles relative paths of all opam files, sorted
 * @param rootPackages the packages at the top of the project, in the order of their files
 * @param vendoredPackages the packages in its subdirectories, in the order of their files
 * @param pinDepends the packages that root packages pin to git repositories
 * @param ocamlformat which formatter it wants
 */
public record RepositoryContent(
    List<String> opamFiles,
    List<PackageSource> rootPackages,
    List<PackageSource> vendoredPackages,
    List<PinnedPackage> pinDepends,
    OcamlformatRequest ocamlformat) {
  /** Copies. */
  public RepositoryContent {
    opamFiles = List.copyOf(opamFiles);
    rootPackages = List.copyOf(rootPackages);
    vendoredPackages = List.copyOf(vendoredPackages);
    pinDepends = List.copyOf(pinDepends);
  }

  /** As text for a cache. */
  public String encode() {
    return CiKitJson.encode(this);
  }

  /**
   * Reads what {@link #encode} made.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  public static RepositoryContent decode(String text) {
    return CiKitJson.decode(text, RepositoryContent.class);
  }

  /** The directories that hold opam files, in order; {@code "."} is the project's root. */
  Set<String> opamDirectories() {
    Set<String> directories = new TreeSet<>();
    rootPackages.forEach(source -> directories.add(source.directory()));
    vendoredPackages.forEach(source -> directories.add(source.directory()));
    return directories;
  }
}
