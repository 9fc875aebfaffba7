package dev.millrace.services.cikit;

import dev.millrace.opam.OpamFile;
import dev.millrace.opam.OpamParseException;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the packages of a selection are made from. Immutable.
 *
 * @param packages those that come from the opam repository, as {@code name.version}
 * @param archives the files to be downloaded for them
 * @param systemPackages what the distribution must have installed for them and for the project
 *     ({@code depexts}), sorted
 * @param networkPackages those whose sources can only be had by opam itself, over the network: they
 *     have no checksum or come from version control
 */
public record SelectionSources(
    List<String> packages,
    List<ArchiveSource> archives,
    List<String> systemPackages,
    List<String> networkPackages) {
  /** Copies. */
  public SelectionSources {
    packages = List.copyOf(packages);
    archives = List.copyOf(archives);
    systemPackages = List.copyOf(systemPackages);
    networkPackages = List.copyOf(networkPackages);
  }

  /**
   * Finds them for a job.
   *
   * @param repository where the job's versions were chosen
   * @param variables the platform that the job runs on
   * @throws CiKitException if the repository lacks a package of the selection, or its file cannot
   *     be read
   */
  public static SelectionSources of(
      PlannedJob job,
      RepositoryContent content,
      PlatformVariables variables,
      OpamRepository repository) {
    Set<String> elsewhere = new TreeSet<>();
    content.rootPackages().forEach(pkg -> elsewhere.add(pkg.pkg()));
    content.vendoredPackages().forEach(pkg -> elsewhere.add(pkg.pkg()));
    content.pinDepends().forEach(pin -> elsewhere.add(pin.source().pkg()));
    List<String> packages =
        job.requireRun().selection().packages().stream()
            .filter(pkg -> !elsewhere.contains(pkg) && !pkg.endsWith(".opam"))
            .sorted()
            .toList();
    List<ArchiveSource> archives = new ArrayList<>();
    Set<String> networkPackages = new TreeSet<>();
    Set<String> systemPackages = new TreeSet<>();
    for (String pkg : packages) {
      OpamFile file = find(repository, pkg);
      systemPackages.addAll(file.depexts().packages(variables.environment()));
      file.url().ifPresent(source -> place(pkg, source, archives, networkPackages));
      file.extraSources().forEach(extra -> place(pkg, extra.source(), archives, networkPackages));
    }
    if (job.kind() != JobKind.LINT_FMT) {
      Stream.of(
              content.rootPackages().stream(),
              content.vendoredPackages().stream(),
              content.pinDepends().stream().map(PinnedPackage::source))
          .flatMap(packagesOfProject -> packagesOfProject)
          .map(ProjectOpamFile::parse)
          .forEach(file -> systemPackages.addAll(file.depexts().packages(variables.environment())));
    }
    return new SelectionSources(
        packages, archives, List.copyOf(systemPackages), List.copyOf(networkPackages));
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
  public static SelectionSources decode(String text) {
    return CiKitJson.decode(text, SelectionSources.class);
  }

  private static OpamFile find(OpamRepository repository, String pkg) {
    try {
      return repository.find(Package.parse(pkg)).orElseThrow(() -> missing(pkg));
    } catch (OpamParseException e) {
      throw CiKitException.of(
          "Cannot read the opam repository's package %s: %s".formatted(pkg, e.getMessage()), e);
    }
  }

  static CiKitException missing(String pkg) {
    return new CiKitException(
        "The opam repository has no package %s any more: analyse the commit again".formatted(pkg));
  }

  /** A source that nothing vouches for, or that is no file, is left to opam itself. */
  private static void place(
      String pkg, Source source, List<ArchiveSource> archives, Set<String> networkPackages) {
    boolean file = source.src().matches("(https?|ftp)://.*");
    if (file && !source.checksums().isEmpty()) {
      List<String> urls = new ArrayList<>();
      urls.add(source.src());
      urls.addAll(source.mirrors());
      archives.add(new ArchiveSource(pkg, urls, source.checksums()));
    } else {
      networkPackages.add(pkg);
    }
  }
}
