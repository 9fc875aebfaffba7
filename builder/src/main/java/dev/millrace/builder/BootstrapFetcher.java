package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes bases of a distribution's packages, with mmdebstrap, for where no registry answers: see
 * {@link BootstrapBase}. As root, or as an ordinary user with subordinate ids. Thread-safe.
 */
public final class BootstrapFetcher implements Fetcher {
  private static final int EXIT_NOT_FOUND = 127;
  private static final String PREFIX = "bootstrap-";

  /** What is made, its archive, and what is unpacked from that, in bytes. */
  private static final long SPACE_NEEDED = 3L << 30;

  /** What CI needs beside the distribution's essentials. */
  private static final List<String> CI_PACKAGES =
      List.of(
          "ocaml",
          "ocaml-dune",
          "opam",
          "git",
          "build-essential",
          "sudo",
          "passwd",
          "ca-certificates",
          "curl",
          "rsync",
          "unzip",
          "bzip2",
          "xz-utils",
          "patch",
          "m4",
          "pkg-config",
          "libzstd-dev",
          "tzdata");

  private final StepTrees trees;
  private final Path workDirectory;
  private final Optional<String> mirror;

  private BootstrapFetcher(StepTrees trees, Path workDirectory, Optional<String> mirror) {
    this.trees = trees;
    this.workDirectory = workDirectory;
    this.mirror = mirror;
  }

  /**
   * Opens a fetcher and removes what others left behind that were killed.
   *
   * @param workDirectory for some gigabyte of temporary files
   * @param mirror URL of the package archive; empty for Debian's own
   */
  public static BootstrapFetcher open(StepTrees trees, Path workDirectory, Optional<String> mirror)
      throws IOException, InterruptedException {
    Files.createDirectories(workDirectory);
    // As it is: files of the chroot belong to ids that only the trees may handle without root.
    OwnedDirectory.removeAbandoned(workDirectory, PREFIX, trees::delete);
    return new BootstrapFetcher(trees, workDirectory, mirror);
  }

  @Override
  public List<Sandbox.Variable> fetch(String base, Path rootfs, BuildLog log)
      throws IOException, InterruptedException {
    BootstrapBase bootstrap =
        BootstrapBase.parse(base)
            .orElseThrow(
                () ->
                    new BuilderException(
                        "Cannot make base \"%s\" of packages: it can be bootstrap: followed by %s"
                            .formatted(base, String.join(", ", BootstrapBase.known())),
                        null));
    if (!UserIds.isRoot() && !SubordinateIds.ofThisUser().granted()) {
      throw new BuilderException(
          "Cannot make base \"%s\": its files belong to several users, for which this user has no range in /etc/subuid and /etc/subgid; as root: %s"
              .formatted(bootstrap, SubordinateIds.ofThisUser().remedy()),
          null);
    }
    requireSpace(bootstrap);
    try (OwnedDirectory work = OwnedDirectory.create(workDirectory, PREFIX, trees::delete)) {
      // apt downloads as a user of its own.
      Files.setPosixFilePermissions(work.path(), PosixFilePermissions.fromString("rwx--x--x"));
      Path tar = make(bootstrap, work, log);
      try (InputStream stream = new BufferedInputStream(Files.newInputStream(tar), 1 << 20)) {
        trees.unpack(stream, rootfs);
      }
    }
    return environment(bootstrap);
  }

  /** Running out of space minutes later is told by dpkg, and not well. */
  private void requireSpace(BootstrapBase bootstrap) throws IOException {
    long free = Files.getFileStore(workDirectory).getUsableSpace();
    if (free < SPACE_NEEDED) {
      throw new BuilderException(
          "Cannot make base \"%s\": the disk of \"%s\" is full: %d MB are free, and %d are needed"
              .formatted(bootstrap, workDirectory, free >> 20, SPACE_NEEDED >> 20),
          null,
          true);
    }
  }

  private Path make(BootstrapBase bootstrap, OwnedDirectory owned, BuildLog log)
      throws IOException, InterruptedException {
    Path work = owned.path();
    Path tar = work.resolve("root.tar");
    List<String> argv = new ArrayList<>(inNamespaces(owned));
    argv.addAll(
        List.of(
            "env", "TMPDIR=" + work, "LC_ALL=C", "PATH=" + Sandbox.Variable.STANDARD_PATH.value()));
    argv.add("OCAML=" + bootstrap.distribution().ocaml());
    Optional<Path> hook = bootstrap.ocaml() ? Optional.of(hook(work)) : Optional.empty();
    argv.addAll(mmdebstrap(bootstrap, hook, tar, mirror));
    log.note("mmdebstrap: making " + bootstrap);
    int status;
    try {
      status = Command.of(argv).in(work).run(log::output);
    } catch (ProcessException e) {
      throw new BuilderException(
          "Cannot make base \"%s\": %s".formatted(bootstrap, e.getMessage()), e);
    }
    if (status == EXIT_NOT_FOUND) {
      throw new BuilderException(
          "Cannot make base \"%s\": mmdebstrap is not installed; install it: apt-get install mmdebstrap"
              .formatted(bootstrap),
          null);
    }
    if (status != 0) {
      throw new BuilderException(
          "Cannot make base \"%s\": mmdebstrap %s; its output says why (is the package archive reachable?)"
              .formatted(bootstrap, Command.describe(status)),
          null,
          true);
    }
    return tar;
  }

  /** The command that makes an archive of a base. */
  static List<String> mmdebstrap(
      BootstrapBase bootstrap, Optional<Path> hook, Path tar, Optional<String> mirror) {
    List<String> argv = new ArrayList<>();
    argv.addAll(List.of("mmdebstrap", "--mode=root", "--variant=apt", "--format=tar"));
    List<String> packages = new ArrayList<>(bootstrap.ocaml() ? CI_PACKAGES : List.of());
    packages.addAll(bootstrap.packages());
    if (!packages.isEmpty()) {
      argv.add("--include=" + String.join(",", packages));
    }
    hook.ifPresent(script -> argv.add("--customize-hook=" + script));
    argv.addAll(List.of("--", bootstrap.distribution().suite(), tar.toString()));
    mirror.ifPresent(argv::add);
    return argv;
  }

  /**
   * What stands before a command that works in a directory of ours. mmdebstrap mounts in the
   * chroot, and leaves that when killed; so it ends with the namespaces, and they end with this
   * process.
   */
  static List<String> inNamespaces(OwnedDirectory work) throws IOException {
    List<String> argv = new ArrayList<>(List.of("unshare"));
    if (!UserIds.isRoot()) {
      argv.addAll(List.of("--user", "--map-auto", "--map-root-user"));
    }
    argv.addAll(List.of("--mount", "--propagation", "private"));
    argv.addAll(List.of("--pid", "--fork", "--kill-child", "--mount-proc", "--"));
    argv.addAll(List.of("perl", "-e", SeccompProfile.resource("watch.pl"), "--"));
    argv.add(work.lockFile().toString());
    return argv;
  }

  private static Path hook(Path work) throws IOException {
    Path hook = work.resolve("bootstrap-opam.sh");
    Files.writeString(hook, SeccompProfile.resource("bootstrap-opam.sh"));
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
    return hook;
  }

  private static List<Sandbox.Variable> environment(BootstrapBase bootstrap) {
    List<Sandbox.Variable> environment = new ArrayList<>();
    environment.add(Sandbox.Variable.STANDARD_PATH);
    if (bootstrap.ocaml()) {
      // As in the public images: no questions, whole logs, and what was installed recorded exactly.
      environment.add(new Sandbox.Variable("HOME", "/home/opam"));
      environment.add(new Sandbox.Variable("OPAMYES", "1"));
      environment.add(new Sandbox.Variable("OPAMCONFIRMLEVEL", "unsafe-yes"));
      environment.add(new Sandbox.Variable("OPAMERRLOGLEN", "0"));
      environment.add(new Sandbox.Variable("OPAMPRECISETRACKING", "1"));
    }
    return List.copyOf(environment);
  }
}
