package dev.millrace.services.cikit;

import static dev.millrace.services.cikit.TestObjects.COMMIT;
import static dev.millrace.services.cikit.TestObjects.job;
import static dev.millrace.services.cikit.TestObjects.pkg;
import static dev.millrace.services.cikit.TestObjects.project;
import static dev.millrace.services.cikit.TestObjects.selection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.opam.OpamHash;
import dev.millrace.spec.Op;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class JobStepsTest {
  private static final ArchiveSource ARCHIVE =
      new ArchiveSource(
          "dune.3.17.2",
          List.of("https://example.org/dune.tar.gz"),
          List.of(OpamHash.parse("sha256=" + "ab".repeat(32))));

  private static final SelectionSources SOURCES =
      new SelectionSources(
          List.of("dune.3.17.2", "ocaml-system.5.3.0"), List.of(ARCHIVE), List.of(), List.of());

  private static Spec golden(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(JobStepsTest.class.getResourceAsStream("/golden/" + name))) {
      return Spec.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static List<String> commands(Spec spec) {
    return spec.ops().stream()
        .filter(Op.Run.class::isInstance)
        .map(op -> ((Op.Run) op).shell())
        .toList();
  }

  private static List<String> online(Spec spec) {
    return spec.ops().stream()
        .filter(op -> op instanceof Op.Run run && !run.network().isEmpty())
        .map(op -> ((Op.Run) op).shell())
        .toList();
  }

  private static RepositorySource copied(List<String> systemPackages, List<String> networked) {
    return new RepositorySource.Copied(
        new SelectionSources(SOURCES.packages(), SOURCES.archives(), systemPackages, networked));
  }

  @Test
  void writesTheStepsOfThePublishedImages() throws IOException {
    Selection selection =
        selection(
            "debian-11-4.10_opam-2.1",
            "ocaml-base-compiler.4.10.0",
            "astring.0.8.5",
            "bondi.dev",
            "deps_for_bondi.opam");

    Spec spec =
        job(JobKind.BUILD, selection)
            .spec(
                project(pkg("bondi.opam")),
                "ocaml/opam:debian-11-ocaml-4.10",
                new RepositorySource.InImage(COMMIT));

    assertThat(spec.render()).isEqualTo(golden("in-image-debian-11.spec").render());
  }

  @Test
  void worksWithoutNetworkOnACopiedRepository() throws IOException {
    Selection selection =
        new Selection(
            Variant.parse("debian-13-5.3_opam-2.3"),
            List.of("a.dev", "dune.3.17.2", "lib.dev", "ocaml-system.5.3.0"),
            List.of("a.dev"),
            Optional.empty(),
            false);

    Spec spec =
        job(JobKind.BUILD, selection)
            .spec(
                project(pkg("a.opam"), pkg("b.opam"), pkg("vendor/lib.d/lib.opam")),
                "bootstrap:debian-13",
                copied(List.of("pkg-config"), List.of()));

    assertThat(spec.render()).isEqualTo(golden("copied-debian-13.spec").render());
    assertThat(online(spec)).isEmpty();
  }

  @Test
  void goesOnlineForSystemPackagesAndForWhatCannotBeVerified() {
    PlannedJob job =
        job(JobKind.BUILD, selection("debian-13-5.3_opam-2.3", "a.dev", "dune.3.17.2"));

    assertThat(
            online(
                job.spec(
                    project(pkg("a.opam")),
                    "bootstrap:debian-13",
                    copied(List.of("libgmp-dev"), List.of()))))
        .containsExactly(
            "opam update --depexts && opam install --cli=2.3 --depext-only -y a.dev $DEPS");
    assertThat(
            online(
                job.spec(
                    project(pkg("a.opam")),
                    "bootstrap:debian-13",
                    copied(List.of(), List.of("dune.3.17.2")))))
        .containsExactly("opam update -u", "opam install $DEPS");
  }

  @Test
  void doesNotAssumeSystemPackagesOnPublishedImages() {
    PlannedJob job = job(JobKind.BUILD, selection("debian-13-5.3_opam-2.5", "a.dev"));

    Spec spec =
        job.spec(
            project(pkg("a.opam")),
            "ocaml/opam:debian-13-ocaml-5.3",
            copied(List.of("pkg-config"), List.of()));

    assertThat(online(spec)).hasSize(1);
  }

  @Test
  void givesEveryPackageOfADirectoryToOneCopyWhateverSortsBetween() {
    // "a.opam", "b/x.opam", "c.opam" are not adjacent when sorted by path.
    Spec spec =
        job(JobKind.BUILD, selection("debian-13-5.3_opam-2.3", "a.dev", "c.dev", "x.dev"))
            .spec(
                project(pkg("a.opam"), pkg("b/x.opam"), pkg("c.opam")),
                "base",
                new RepositorySource.InImage(COMMIT));

    assertThat(spec.ops())
        .contains(Op.copy(List.of("a.opam", "c.opam"), "./"), Op.copy(List.of("b/x.opam"), "b/"))
        .contains(new Op.Env("DEPS", "x.dev"));
  }

  @Test
  void quotesWhatTheProjectNames() {
    Spec spec =
        job(JobKind.BUILD, selection("debian-13-5.3_opam-2.3", "a.dev"))
            .spec(
                project(pkg("a.opam"), pkg("it's $(reboot)/x.opam")),
                "base",
                new RepositorySource.InImage(COMMIT));

    assertThat(commands(spec))
        .contains("mkdir -p 'it'\\''s $(reboot)/'")
        .contains("opam pin add -yn a.dev './' &&\nopam pin add -yn x.dev 'it'\\''s $(reboot)/'");
  }

  @Test
  void bringsPinnedRepositoriesAlong() {
    RepositoryContent content =
        TestObjects.withPins(
            project(pkg("a.opam")),
            new PinnedPackage(pkg("p.opam"), "https://example.org/p.git", COMMIT));

    Spec spec =
        job(JobKind.BUILD, selection("debian-13-5.3_opam-2.3", "a.dev", "p.dev"))
            .spec(content, "bootstrap:debian-13", copied(List.of(), List.of()));

    assertThat(spec.ops())
        .contains(Op.copy(List.of("pins/p.dev"), "/home/opam/pins/p.dev"))
        .contains(new Op.Env("DEPS", "p.dev"))
        .contains(
            Op.run(
                "opam pin add -yn --ignore-pin-depends -k path p.dev '/home/opam/pins/p.dev' &&\nopam pin add -yn --ignore-pin-depends a.dev './'"));
  }

  @Test
  void checksFormattingWithoutInstallingTheProject() {
    Spec spec =
        job(
                JobKind.LINT_FMT,
                selection(
                    "debian-13-5.3_opam-2.3", "deps_for_ocamlformat.opam", "ocamlformat.0.27.0"))
            .spec(project(pkg("a.opam")), "bootstrap:debian-13", copied(List.of(), List.of()));

    assertThat(spec.ops()).contains(new Op.Env("DEPS", "ocamlformat.0.27.0"));
    assertThat(commands(spec))
        .noneMatch(command -> command.contains("pin add"))
        .last()
        .asString()
        .contains("dune build @fmt --ignore-promoted-rules");
  }

  @Test
  void installsAToolOfTheDistribution() {
    Selection selection = selection("debian-13-5.3_opam-2.3", "a.dev", "dune.3.17.2");
    Spec build =
        job(JobKind.BUILD, selection)
            .spec(project(pkg("a.opam")), "bootstrap:debian-13", copied(List.of(), List.of()));
    Spec spec =
        job(JobKind.LINT_DOC, selection, "ocaml-odoc")
            .spec(project(pkg("a.opam")), "bootstrap:debian-13", copied(List.of(), List.of()));

    assertThat(online(spec))
        .containsExactly(
            "sudo apt-get update && sudo DEBIAN_FRONTEND=noninteractive apt-get install -qq -yy 'ocaml-odoc'");
    assertThat(commands(spec).getLast())
        .startsWith("ODOC_WARN_ERROR=false opam exec -- dune build @doc");
    int install = commands(spec).indexOf("opam install $DEPS");
    assertThat(commands(spec).subList(0, install + 1))
        .as("what the build and this have in common, made once")
        .isEqualTo(commands(build).subList(0, install + 1));
  }

  @Test
  void checksOpamFiles() {
    Spec spec =
        job(JobKind.LINT_OPAM, selection("debian-13-5.3_opam-2.3", "a.dev", "opam-dune-lint.0.6"))
            .spec(project(pkg("a.opam")), "bootstrap:debian-13", copied(List.of(), List.of()));

    assertThat(commands(spec)).endsWith("opam lint", "opam exec -- opam-dune-lint");
  }

  @Test
  void usesThe32BitPersonalityAndFedorasFindutils() {
    assertThat(
            job(JobKind.BUILD, selection("debian-12-4.14_x86_32_opam-2.5", "a.dev"))
                .spec(project(pkg("a.opam")), "base", new RepositorySource.InImage(COMMIT))
                .ops())
        .contains(new Op.Shell(List.of("/usr/bin/linux32", "/bin/sh", "-c")));
    assertThat(
            online(
                job(JobKind.BUILD, selection("fedora-44-5.4_opam-2.5", "a.dev"))
                    .spec(project(pkg("a.opam")), "base", new RepositorySource.InImage(COMMIT))))
        .first()
        .isEqualTo("sudo dnf install -y findutils");
  }

  @Test
  void tellsHowToReproduceAJobByHand() {
    Selection selection =
        selection("debian-13-5.3_opam-2.3", "a.dev", "dune.3.17.2", "ocaml-system.5.3.0");

    List<String> lines =
        ReproduceBlock.of(
            job(JobKind.BUILD, selection),
            project(pkg("a.opam")),
            "git clone https://example.org/a",
            new ReproduceBlock.Versions.Public(COMMIT),
            List.of());

    assertThat(lines)
        .contains(
            "To reproduce locally:",
            "git clone https://example.org/a",
            "cat > Dockerfile <<'END-OF-DOCKERFILE'",
            "docker build .",
            "END-REPRO-BLOCK");
    String text = String.join("\n", lines);
    assertThat(text)
        .contains("FROM ocaml/opam:debian-13-ocaml-5.3", "git reset -q --hard " + COMMIT)
        .contains("dune.3.17.2")
        .doesNotContain("ocaml-system");
  }

  @Test
  void reproducesWithARepositoryThatNoImageHas() {
    List<String> lines =
        ReproduceBlock.of(
            job(JobKind.BUILD, selection("debian-13-5.3_opam-2.3", "a.dev", "dune.3.17.2")),
            project(pkg("a.opam")),
            "git clone https://example.org/a",
            new ReproduceBlock.Versions.Elsewhere(
                "cp -r /mine .opam-repository", Optional.of("cp -r /sources .archives")),
            List.of("Something differs."));

    assertThat(lines)
        .containsSubsequence(
            "cp -r /mine .opam-repository",
            "cp -r /sources .archives",
            "# Something differs.",
            "cat > Dockerfile <<'END-OF-DOCKERFILE'");
    assertThat(String.join("\n", lines))
        .contains("COPY --chown=1000:1000 .opam-repository /home/opam/opam-repository")
        .contains("COPY --chown=1000:1000 .archives /home/opam/archives")
        .contains("opam repository set-url --strict default /home/opam/opam-repository")
        .doesNotContain("git fetch origin")
        .doesNotContain("git cat-file");
  }

  @Test
  void hasNoStepsForAJobThatIsNotRun() {
    PlannedJob skipped =
        new PlannedJob(
            "(lint-fmt)",
            JobKind.LINT_FMT,
            Variant.parse("debian-13-5.3_opam-2.3"),
            false,
            new PlannedJob.Work.Skip("no tool"));

    assertThatThrownBy(() -> skipped.spec(project(), "base", new RepositorySource.InImage(COMMIT)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("(lint-fmt)");
  }
}
