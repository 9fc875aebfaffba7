package dev.millrace.services.cikit;

import static java.util.stream.Collectors.joining;

import dev.millrace.spec.Mounted;
import dev.millrace.spec.Op;
import dev.millrace.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the steps of a job on Linux.
 *
 * <p>With the repository in the image they are, one by one, those that OCaml-CI runs, whose order
 * matters: opam 2.4 and later read the repository at initialisation, and the project's sources come
 * last so that everything before is the same for the next commit. With the repository copied in,
 * the same things are done without network.
 */
final class JobSteps {
  private static final Mounted ARCHIVES =
      Mounted.cache("opam-archives", "/home/opam/.opam/download-cache");
  private static final List<String> HOST = List.of("host");
  private static final String UPDATE = "opam update -u";

  /** What every base made from Debian's packages has installed. */
  private static final Set<String> IN_BOOTSTRAPPED =
      Set.of(
          "build-essential",
          "bzip2",
          "ca-certificates",
          "curl",
          "gcc",
          "g++",
          "git",
          "libc6-dev",
          "libzstd-dev",
          "m4",
          "make",
          "ocaml",
          "ocaml-dune",
          "opam",
          "passwd",
          "patch",
          "perl",
          "pkg-config",
          "rsync",
          "sudo",
          "tzdata",
          "unzip",
          "xz-utils");

  private final PlannedJob job;
  private final Selection selection;
  private final List<String> systemTools;
  private final RepositoryContent content;
  private final String base;
  private final RepositorySource source;
  private final List<Op> ops = new ArrayList<>();

  private JobSteps(
      PlannedJob job, RepositoryContent content, String base, RepositorySource source) {
    this.job = job;
    this.selection = job.requireRun().selection();
    this.systemTools = job.requireRun().systemTools();
    this.content = content;
    this.base = base;
    this.source = source;
  }

  static Spec of(PlannedJob job, RepositoryContent content, String base, RepositorySource source) {
    return Spec.of(base, new JobSteps(job, content, base, source).write());
  }

  private List<Op> write() {
    prepare();
    if (job.kind() != JobKind.LINT_FMT) {
      pinProject();
    }
    installDependencies();
    installSystemTools();
    if (job.kind() == JobKind.LINT_FMT) {
      ops.add(new Op.Workdir("/src"));
    }
    copyProject();
    check();
    return ops;
  }

  // Steps 1 to 11: from nothing to a switch that sees the repository.
  private void prepare() {
    ops.add(new Op.Comment(job.variant().toString()));
    ops.add(Op.user(1000, 1000));
    if (job.variant().architecture().is32Bit()) {
      ops.add(new Op.Shell(List.of("/usr/bin/linux32", "/bin/sh", "-c")));
    }
    ops.add(new Op.Env("CLICOLOR_FORCE", "1"));
    ops.add(new Op.Env("OPAMCOLOR", "always"));
    ops.add(new Op.Workdir("/src"));
    if (job.variant().distribution().startsWith("fedora")) {
      online("sudo dnf install -y findutils");
    }
    ops.add(Op.run(OpamCommands.choose(job.variant().opam())));
    switch (source) {
      case RepositorySource.InImage(String commit) -> resetRepository(commit);
      case RepositorySource.InContext(boolean archives) -> {
        copyRepository(
            RepositorySource.InContext.REPOSITORY,
            archives ? Optional.of(RepositorySource.InContext.ARCHIVES) : Optional.empty());
        downloading(UPDATE);
      }
      case RepositorySource.Copied(SelectionSources sources) -> {
        copyRepository(
            "opam-repository",
            sources.archives().isEmpty() ? Optional.empty() : Optional.of("archives"));
        fetching(UPDATE);
      }
    }
  }

  private void resetRepository(String commit) {
    downloading(
        "cd ~/opam-repository && (git cat-file -e %1$s || git fetch origin master) && git reset -q --hard %1$s && git log --no-decorate -n1 --oneline"
            .formatted(commit));
    ops.add(Op.run("opam init --reinit -ni"));
    ops.add(Op.run("uname -rs && opam exec -- ocaml -version && opam --version"));
    ops.add(new Op.Workdir("/src"));
    ops.add(Op.run("sudo chown opam /src"));
    downloading(UPDATE);
  }

  private void copyRepository(String repository, Optional<String> archives) {
    ops.add(Op.run("rm -rf ~/opam-repository"));
    ops.add(Op.copy(List.of(repository), OpamCommands.REPOSITORY));
    archives.ifPresent(from -> ops.add(Op.copy(List.of(from), OpamCommands.ARCHIVES)));
    ops.add(Op.run("opam init --reinit -ni"));
    archives.ifPresent(_ -> ops.add(Op.run(OpamCommands.useArchives())));
    ops.add(Op.run(OpamCommands.useRepository()));
    ops.add(Op.run("uname -rs && opam exec -- ocaml -version && opam --version"));
    ops.add(Op.run("sudo chown opam /src"));
  }

  // Steps 12 to 14: opam learns of the project's packages.
  private void pinProject() {
    if (content.opamFiles().isEmpty()) {
      return;
    }
    Map<String, List<PackageSource>> directories = new TreeMap<>();
    Stream.concat(content.rootPackages().stream(), content.vendoredPackages().stream())
        .forEach(
            pkg -> directories.computeIfAbsent(pkg.directory(), _ -> new ArrayList<>()).add(pkg));
    String vendored =
        directories.keySet().stream()
            .filter(directory -> !directory.equals("."))
            .map(directory -> quote(directory + "/"))
            .collect(joining(" "));
    if (!vendored.isEmpty()) {
      ops.add(Op.run("mkdir -p " + vendored));
    }
    directories.forEach(
        (directory, packages) ->
            ops.add(
                Op.copy(
                    packages.stream().map(pkg -> inContext(pkg.file())).toList(),
                    withSlash(directory))));
    switch (source) {
      case RepositorySource.InImage _, RepositorySource.InContext _ -> pinOnline(directories);
      case RepositorySource.Copied _ -> pinOffline(directories);
    }
  }

  private void pinOnline(Map<String, List<PackageSource>> directories) {
    online(pins(directories, "opam pin add -yn "));
    for (String directory : directories.keySet()) {
      ops.add(Op.run("echo '(lang dune 3.0)' > " + quote(withSlash(directory) + "dune-project")));
    }
  }

  /**
   * Pinned repositories are in the context, so that opam need not fetch them. No stand-in for
   * {@code dune-project} is written: vendored packages are built where they lie, not installed, and
   * a stand-in that the project does not overwrite would change its build.
   */
  private void pinOffline(Map<String, List<PackageSource>> directories) {
    List<String> commands = new ArrayList<>();
    for (PinnedPackage pin : content.pinDepends()) {
      String directory = OpamCommands.PINS + "/" + pin.source().pkg();
      ops.add(Op.copy(List.of("pins/" + pin.source().pkg()), directory));
      commands.add(
          "opam pin add -yn --ignore-pin-depends -k path %s %s"
              .formatted(pin.source().pkg(), quote(directory)));
    }
    commands.add(
        pins(
            directories,
            content.pinDepends().isEmpty()
                ? "opam pin add -yn "
                : "opam pin add -yn --ignore-pin-depends "));
    ops.add(Op.run(String.join(" &&\n", commands)));
  }

  private static String pins(Map<String, List<PackageSource>> directories, String command) {
    return directories.entrySet().stream()
        .flatMap(
            entry ->
                entry.getValue().stream()
                    .map(pkg -> command + pinName(pkg) + " " + quote(withSlash(entry.getKey()))))
        .collect(joining(" &&\n"));
  }

  /** opam takes a version from a directory whose name has a dot, and then wants none beside it. */
  private static String pinName(PackageSource pkg) {
    String directory = pkg.directory();
    String last = directory.substring(directory.lastIndexOf('/') + 1);
    return !last.equals(".") && last.contains(".") ? pkg.name() : pkg.pkg();
  }

  // Steps 15 to 17.
  private void installDependencies() {
    ops.add(new Op.Env("DEPS", String.join(" ", dependencies())));
    ops.add(new Op.Env("CI", "true"));
    ops.add(new Op.Env("OCAMLCI", "true"));
    String systemPackages =
        "opam update --depexts && opam install --cli=%s --depext-only -y %s$DEPS"
            .formatted(job.variant().opam(), roots().isEmpty() ? "" : roots() + " ");
    switch (source) {
      case RepositorySource.InImage _, RepositorySource.InContext _ -> {
        downloading(systemPackages);
        downloading("opam install $DEPS");
      }
      case RepositorySource.Copied(SelectionSources sources) -> {
        if (!hasAlready(sources.systemPackages())) {
          online(systemPackages);
        }
        fetching("opam install $DEPS");
      }
    }
  }

  private boolean hasAlready(List<String> systemPackages) {
    return systemPackages.isEmpty()
        || (base.startsWith("bootstrap:") && IN_BOOTSTRAPPED.containsAll(systemPackages));
  }

  private List<String> dependencies() {
    Set<String> left = Set.copyOf(ownPackages());
    return selection.packages().stream()
        .filter(pkg -> !left.contains(pkg) && !pkg.endsWith(".opam"))
        .toList();
  }

  private List<String> ownPackages() {
    Stream<PackageSource> own =
        switch (source) {
          case RepositorySource.InImage _, RepositorySource.InContext _ ->
              content.rootPackages().stream();
          case RepositorySource.Copied _ ->
              Stream.concat(content.rootPackages().stream(), content.vendoredPackages().stream());
        };
    return own.map(PackageSource::pkg).toList();
  }

  private String roots() {
    if (job.kind() == JobKind.LINT_FMT) {
      return "";
    }
    return selection.onlyPackages().isEmpty()
        ? content.rootPackages().stream().map(PackageSource::pkg).collect(joining(" "))
        : String.join(" ", selection.onlyPackages());
  }

  /** Not before the dependencies, whose steps are then those of the build. */
  private void installSystemTools() {
    if (!systemTools.isEmpty()) {
      online(
          "sudo apt-get update && sudo DEBIAN_FRONTEND=noninteractive apt-get install -qq -yy "
              + systemTools.stream().map(JobSteps::quote).collect(joining(" ")));
    }
  }

  // Step 18.
  private void copyProject() {
    ops.add(
        switch (source) {
          case RepositorySource.InImage _, RepositorySource.InContext _ ->
              Op.copy(List.of("."), "/src");
          case RepositorySource.Copied _ -> Op.copy(List.of("source"), "/src");
        });
  }

  private void check() {
    switch (job.kind()) {
      case BUILD, LOWER_BOUND ->
          ops.add(
              Op.run(
                  "opam exec -- dune build%s @install @check @runtest && rm -rf _build"
                      .formatted(onlyPackages())));
      case LINT_FMT ->
          ops.add(
              Op.run(
                  "opam exec -- dune build @fmt --ignore-promoted-rules || (echo \"dune build @fmt failed\"; exit 2)"));
      case LINT_DOC ->
          ops.add(
              Op.run(
                  "ODOC_WARN_ERROR=false opam exec -- dune build%s @doc || (echo \"dune build @doc failed\"; exit 2)"
                      .formatted(onlyPackages())));
      case LINT_OPAM -> {
        ops.add(Op.run("opam lint"));
        ops.add(Op.run("opam exec -- opam-dune-lint"));
      }
      case ANALYSIS -> throw new IllegalStateException("The analysis is not run as a build");
    }
  }

  private String onlyPackages() {
    if (selection.onlyPackages().isEmpty()) {
      return "";
    }
    return " --only-packages="
        + selection.onlyPackages().stream()
            .map(pkg -> pkg.substring(0, pkg.indexOf('.')))
            .collect(joining(","));
  }

  private String inContext(String file) {
    return source instanceof RepositorySource.Copied ? "source/" + file : file;
  }

  private void online(String command) {
    ops.add(new Op.Run(List.of(), HOST, List.of(), command));
  }

  private void downloading(String command) {
    ops.add(new Op.Run(List.of(ARCHIVES), HOST, List.of(), command));
  }

  /** Needs the network only where a source cannot be verified and so is not in the context. */
  private void fetching(String command) {
    boolean network =
        source instanceof RepositorySource.Copied(SelectionSources sources)
            && !sources.networkPackages().isEmpty();
    if (network) {
      downloading(command);
    } else {
      ops.add(Op.run(command));
    }
  }

  private static String withSlash(String directory) {
    return directory.equals(".") ? "./" : directory + "/";
  }

  static String quote(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /** The commit of the repository, if the selection is of one. */
  static Optional<String> commitOf(PlannedJob job) {
    return job.requireRun().selection().commit();
  }
}
