package dev.millrace.services.cikit;

import java.util.List;

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
}
