package dev.millrace.services.cikit;

/**
 * The shell commands that bring opam inside a base image to the state that a job needs. They were
 * tried with opam 2.1 on Debian 12 and opam 2.3 on Debian 13, on images made here, and work on
 * published images too.
 */
final class OpamCommands {
  /** Where images have the opam repository. */
  static final String REPOSITORY = "/home/opam/opam-repository";

  /** Where sources are copied to. */
  static final String ARCHIVES = "/home/opam/archives";

  /** Where pinned packages are copied to. */
  static final String PINS = "/home/opam/pins";

  private OpamCommands() {}

  /** Makes one of the image's opams the one that runs. */
  static String choose(OpamVersion version) {
    return "sudo ln -f /usr/bin/opam-%s /usr/bin/opam".formatted(version);
  }

  /**
   * Makes opam look among the copied sources first. The file is edited since opam 2.1 has no
   * command for it.
   */
  static String useArchives() {
    return "sed -i '/^archive-mirrors:/d' ~/.opam/config && echo 'archive-mirrors: [\"file://%s\"]' >> ~/.opam/config"
        .formatted(ARCHIVES);
  }

  /** Makes opam read the copied repository, at once, as plain files. */
  static String useRepository() {
    return "opam repository set-url --strict default " + REPOSITORY;
  }
}
