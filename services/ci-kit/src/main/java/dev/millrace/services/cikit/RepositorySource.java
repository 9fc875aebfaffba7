package dev.millrace.services.cikit;

/** Where a build finds the opam repository. */
public sealed interface RepositorySource {
  /**
   * In its base image, as a git clone that is brought to this commit: what the published images are
   * made for. Needs the network.
   */
  record InImage(String commit) implements RepositorySource {}

  /**
   * In its context, whole, as {@value #REPOSITORY}: one that the base image does not have. Needs
   * the network.
   *
   * @param archives whether the context also has sources of packages, as {@value #ARCHIVES} in the
   *     layout of opam's archive mirrors
   */
  record InContext(boolean archives) implements RepositorySource {
    /** Dune does not look for sources behind a dot. */
    static final String REPOSITORY = ".opam-repository";

    static final String ARCHIVES = ".archives";
  }

  /**
   * In its context, with nothing in it but what the job installs, as {@link ContextDirectory}
   * writes it. Steps then depend on nothing but the selection's own content, and those that install
   * have no network unless a source of a package cannot be verified.
   */
  record Copied(SelectionSources sources) implements RepositorySource {}
}
