package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Secret;
import dev.millrace.spec.Account;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The vectors of OBuilder's own documents and tests. */
class StepIdsTest {
  private static final List<String> BASH = List.of("/bin/bash", "-c");
  private static final List<Sandbox.Variable> PATH =
      List.of(
          new Sandbox.Variable(
              "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));

  private final StepIds ids = new StepIds(new byte[32]);

  @Test
  void basesAreNamedByTheirName() {
    assertThat(ids.base("busybox").hex())
        .isEqualTo("9d75f0d7c398df565d7ac04c6819b62d6d8f9560f5eb4672596ecd8f7e96ae91");
  }

  @Test
  void runsOfWindows() {
    SnapshotId base = ids.base("mcr.microsoft.com/windows/servercore:ltsc2022");
    Account user = new Account.Named("ContainerAdministrator");
    List<String> cmd = List.of("cmd", "/S", "/C");

    SnapshotId first =
        ids.run(base, "C:/", user, List.of(), "echo hello > world", cmd, List.of(), List.of());
    SnapshotId second =
        ids.run(first, "C:/", user, List.of(), "type world", cmd, List.of(), List.of());

    assertThat(base.hex())
        .isEqualTo("bc3bc8408e84c12c2b5f24aa91b444894b55e26069b66e8034890634b08aef1d");
    assertThat(first.hex())
        .isEqualTo("ac4488b2ca69de829c9a8bbcd9efa2ddff493a3b5888a53ec20a1343ea34b2bd");
    assertThat(second.hex())
        .isEqualTo("7332a0565a4047bdd2c0b778bf3a9175518218879547eb8ddde6832d57861153");
  }

  @Test
  void chainOfRuns() {
    SnapshotId id =
        ids.base(
            "patricoferris/empty@sha256:b95ca2b377dd736f609f0a10d63318c9f627a817823cf416402a29bfe9202bb9");
    assertThat(id.hex())
        .isEqualTo("1e8a7b908b7883f051110a922dc647791b81e0d658f5c1bdd8242d9ab898f8ae");
    String[][] chain = {
      {"mkdir hello", "ba0dc81067c02a45ad4a8cdbbca046aa1e59a37deca612c6a4f8698ae67e200f"},
      {
        "echo 'hello world' > ./hello/hello.txt",
        "ee3328c16f05527e80a95b87c110aac986495aef607f14b9ef4371398a8659d8"
      },
      {"cat ./hello/hello.txt", "c97a5a234cc9bfcc601b2f7a98975bf294fa7552301c182358fc32ceb21308d8"},
      {"rm -rf hello", "de2d77926d7e89828a3578ef5173bbce6050e2a7e39488b1de54dcffa864a600"},
      {"ls", "0b38a347b26152e1115a76902af06ff34a4f38aa2182e3af04e2867801fce841"},
    };
    for (String[] step : chain) {
      id = ids.run(id, "/", Account.ROOT, PATH, step[0], BASH, List.of(), List.of());

      assertThat(id.hex()).as(step[0]).isEqualTo(step[1]);
    }
  }

  @Test
  void runWithTheDefaultShell() {
    SnapshotId base =
        new SnapshotId("dce4336e183de81da7537728ed710f2906e9f75431694d9de80b95a9d9ff1101");

    SnapshotId id =
        ids.run(
            base,
            "/",
            Account.ROOT,
            List.of(),
            "opam install tar",
            List.of("/usr/bin/env", "bash", "-c"),
            List.of(),
            List.of());

    assertThat(id.hex())
        .isEqualTo("8a897f21e54db877fc971c757ef7ffc2e1293e191dc60c3a18f24f0d3f0926f3");
  }

  @Test
  void copyHasTheDocumentedForm() {
    Manifest file = new Manifest.File("src/a b", "H", false);
    Manifest link = new Manifest.Link("src/l", "../t");
    CopyPlan plan =
        new CopyPlan(List.of(new Manifest.Directory("src", List.of(file, link))), "/d/", true);

    assertThat(plan.toSexp().render())
        .isEqualTo("(Copy_items(((Dir(src((File(\"src/a b\"H))(Symlink(src/l ../t))))))/d/))");
    assertThat(new CopyPlan(List.of(link), "/x", false).toSexp().render())
        .isEqualTo("(Copy_item((Symlink(src/l ../t))/x))");
  }

  @Test
  void theExecutableBitMatters() {
    SnapshotId base = ids.base("x");
    CopyPlan plain = new CopyPlan(List.of(new Manifest.File("a", "H", false)), "/d", false);
    CopyPlan program = new CopyPlan(List.of(new Manifest.File("a", "H", true)), "/d", false);

    assertThat(ids.copy(base, Account.ROOT, plain))
        .isNotEqualTo(ids.copy(base, Account.ROOT, program));
  }

  @Test
  void aSecretCountsByItsValueAndTheKey() {
    assertThat(withSecret(ids, "one")).isEqualTo(withSecret(ids, "one"));
    assertThat(withSecret(ids, "one")).isNotEqualTo(withSecret(ids, "two"));
    byte[] other = new byte[32];
    other[0] = 1;
    assertThat(withSecret(ids, "one")).isNotEqualTo(withSecret(new StepIds(other), "one"));
  }

  private static SnapshotId withSecret(StepIds ids, String value) {
    return ids.run(
        ids.base("x"),
        "/",
        Account.ROOT,
        List.of(),
        "true",
        BASH,
        List.of(),
        List.of(new StepIds.MountedSecret(Secret.of(value), "/run/secrets/s")));
  }
}
