package dev.millrace.services.cikit;

import static dev.millrace.services.cikit.TestObjects.job;
import static dev.millrace.services.cikit.TestObjects.pkg;
import static dev.millrace.services.cikit.TestObjects.platform;
import static dev.millrace.services.cikit.TestObjects.project;
import static dev.millrace.services.cikit.TestObjects.selection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.opam.OpamHash;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SelectionSourcesTest {
  private static final String HEADER = "opam-version: \"2.0\"\n";
  private static final String MD5 = "md5=" + "0".repeat(32);
  private static final PlatformVariables DEBIAN =
      platform("debian-13-5.3_opam-2.3", "5.3.0").variables();

  private OpamRepository repository;

  @BeforeEach
  void makeRepository() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("plain.1", "");
    files.put(
        "verified.1.0",
        """
        url { src: "https://example.org/v.tgz" checksum: "%1$s" mirrors: "https://mirror.org/v.tgz" }
        extra-source "fix.patch" { src: "https://example.org/fix" checksum: ["%1$s"] }
        """
            .formatted(MD5));
    files.put("unverified.1", "url { src: \"https://example.org/u.tgz\" }");
    files.put(
        "versioned.1",
        "url { src: \"git+https://example.org/g#main\" checksum: \"%s\" }".formatted(MD5));
    files.put(
        "conf-gmp.4",
        """
        depexts: [
          ["libgmp-dev"] {os-family = "debian"}
          ["gmp"] {os = "macos"}
          ["never"] {os-distribution = "ubuntu"}
          ["odd"] {unknown-variable}
        ]
        """);
    files.put("broken.1", "depends: [");
    Map<Package, String> packages = new LinkedHashMap<>();
    files.forEach((name, text) -> packages.put(Package.parse(name), HEADER + text));
    repository = OpamRepositories.inMemory(packages);
  }

  @AfterEach
  void closeRepository() {
    repository.close();
  }

  private SelectionSources of(PlannedJob job, PackageSource... packages) {
    return SelectionSources.of(job, project(packages), DEBIAN, repository);
  }

  private static PlannedJob build(String... packages) {
    return job(JobKind.BUILD, selection("debian-13-5.3_opam-2.3", packages));
  }

  @Test
  void findsWhatIsToBeDownloaded() {
    SelectionSources sources = of(build("a.dev", "plain.1", "verified.1.0"), pkg("a.opam"));

    assertThat(sources.packages()).containsExactly("plain.1", "verified.1.0");
    assertThat(sources.archives())
        .containsExactly(
            new ArchiveSource(
                "verified.1.0",
                List.of("https://example.org/v.tgz", "https://mirror.org/v.tgz"),
                List.of(OpamHash.parse(MD5))),
            new ArchiveSource(
                "verified.1.0", List.of("https://example.org/fix"), List.of(OpamHash.parse(MD5))));
    assertThat(sources.networkPackages()).isEmpty();
  }

  @Test
  void survivesItsTextForm() {
    SelectionSources sources = of(build("verified.1.0", "unverified.1", "conf-gmp.4"));

    assertThat(SelectionSources.decode(sources.encode())).isEqualTo(sources);
    assertThat(sources.encode()).contains(MD5);
  }

  @Test
  void leavesWhatCannotBeVerifiedToOpam() {
    SelectionSources sources = of(build("unverified.1", "versioned.1"));

    assertThat(sources.archives()).isEmpty();
    assertThat(sources.networkPackages()).containsExactly("unverified.1", "versioned.1");
  }

  @Test
  void leavesOutTheProjectsOwnPackagesAndTheNeedsOfTools() {
    SelectionSources sources =
        of(
            build("a.dev", "deps_for_odoc.opam", "plain.1", "v.dev"),
            pkg("a.opam"),
            pkg("vendor/v.opam"));

    assertThat(sources.packages()).containsExactly("plain.1");
  }

  @Test
  void findsSystemPackagesForThisPlatformOnly() {
    PackageSource root =
        pkg("a.opam", HEADER + "depexts: [[\"libev-dev\"] {os-distribution = \"debian\"}]\n");

    assertThat(of(build("a.dev", "conf-gmp.4"), root).systemPackages())
        .containsExactly("libev-dev", "libgmp-dev");
    assertThat(
            of(job(JobKind.LINT_FMT, selection("debian-13-5.3_opam-2.3", "plain.1")), root)
                .systemPackages())
        .isEmpty();
  }

  @Test
  void saysWhichPackageTheRepositoryLacksOrCannotRead() {
    assertThatThrownBy(() -> of(build("gone.1")))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("The opam repository has no package gone.1 any more");
    assertThatThrownBy(() -> of(build("broken.1")))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("broken.1")
        .hasMessageContaining("opam:");
  }
}
