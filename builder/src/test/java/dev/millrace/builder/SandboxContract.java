package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.base.Secret;
import dev.millrace.base.TaskScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What every sandbox does. The root file system is a Debian of its own, shared by the tests, which
 * write below {@code /tmp} only.
 */
abstract class SandboxContract {
  static final User OPAM = new User(1000, 1000);
  private static final AtomicInteger NAPS = new AtomicInteger();
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** The sandbox under test. */
  abstract Sandbox sandbox();

  /** A root file system whose files have the owners that the sandbox expects. */
  abstract Path rootfs();

  /** Whether set-uid programs work. */
  abstract boolean honoursSetUid();

  /** A new directory that a step's user 1000 owns, with a file {@code note} that says "read me". */
  abstract Path newDirectory() throws Exception;

  record Result(int status, String output) {}

  Result run(Sandbox.Run run, String input) throws IOException, InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int status =
        sandbox()
            .run(
                run,
                stream -> stream.write(input.getBytes(StandardCharsets.UTF_8)),
                (buffer, length) -> bytes.write(buffer, 0, length));
    return new Result(status, bytes.toString(StandardCharsets.UTF_8));
  }

  Result shell(User user, String script) throws IOException, InterruptedException {
    return run(step(user, script), "");
  }

  Sandbox.Run step(User user, String script) {
    return new Sandbox.Run(
        rootfs(),
        List.of("/usr/bin/env", "bash", "-c", script),
        "/",
        List.of(new Sandbox.Variable("PATH", PATH), new Sandbox.Variable("GREETING", "two words")),
        user,
        false,
        List.of(),
        List.of(),
        Optional.empty());
  }

  static Sandbox.Run with(Sandbox.Run run, List<Sandbox.Mount> mounts) {
    return new Sandbox.Run(
        run.rootfs(),
        run.argv(),
        run.directory(),
        run.environment(),
        run.user(),
        run.network(),
        mounts,
        run.secrets(),
        run.timeLimit());
  }

  static Sandbox.Run withNetwork(Sandbox.Run run) {
    return new Sandbox.Run(
        run.rootfs(),
        run.argv(),
        run.directory(),
        run.environment(),
        run.user(),
        true,
        run.mounts(),
        run.secrets(),
        run.timeLimit());
  }

  static Sandbox.Run withLimit(Sandbox.Run run, Duration limit) {
    return new Sandbox.Run(
        run.rootfs(),
        run.argv(),
        run.directory(),
        run.environment(),
        run.user(),
        run.network(),
        run.mounts(),
        run.secrets(),
        Optional.of(limit));
  }

  @Test
  void returnsTheExitStatusAndTheOutputInOrder() throws Exception {
    Result result = shell(OPAM, "for i in $(seq 200); do echo o$i; echo e$i >&2; done; exit 7");

    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 200; i++) {
      expected.append("o%d\ne%d\n".formatted(i, i));
    }
    assertThat(result).isEqualTo(new Result(7, expected.toString()));
  }

  @Test
  void tellsTheSignalThatEndedTheProcess() throws Exception {
    // Not the first process itself, which the kernel shields from its own signals.
    assertThat(shell(OPAM, "bash -c 'kill -SEGV $$'; exit $?").status()).isEqualTo(128 + 11);
  }

  @Test
  void saysWhichProgramIsMissing() throws Exception {
    Sandbox.Run missing =
        new Sandbox.Run(
            rootfs(),
            List.of("/no/such/program"),
            "/",
            List.of(),
            OPAM,
            false,
            List.of(),
            List.of(),
            Optional.empty());

    Result result = run(missing, "");

    assertThat(result.status()).isEqualTo(127);
    assertThat(result.output()).contains("/no/such/program");
  }

  @Test
  void givesTheEnvironmentTheDirectoryAndTheInput() throws Exception {
    Sandbox.Run in =
        new Sandbox.Run(
            rootfs(),
            List.of(
                "/bin/sh",
                "-c",
                "pwd; echo \"$GREETING\"; cat; hostname; env | sort | head -c 400"),
            "/tmp/a new/place",
            List.of(
                new Sandbox.Variable("PATH", PATH), new Sandbox.Variable("GREETING", "two words")),
            OPAM,
            false,
            List.of(),
            List.of(),
            Optional.empty());

    Result result = run(in, "from outside\n");

    assertThat(result.status()).isZero();
    assertThat(result.output())
        .startsWith("/tmp/a new/place\ntwo words\nfrom outside\nbuilder\n")
        .doesNotContain("JAVA_HOME");
  }

  @Test
  void runsAsTheUserThatWasAskedFor() throws Exception {
    assertThat(
            shell(OPAM, "id -u; id -g; touch /tmp/mine-$$ && stat -c %u:%g /tmp/mine-$$").output())
        .isEqualTo("1000\n1000\n1000:1000\n");
    assertThat(shell(User.ROOT, "id -u; id -g; touch /tmp/r$$; stat -c %u /tmp/r$$").output())
        .isEqualTo("0\n0\n0\n");
  }

  @Test
  void rootInsideMayAdministerItsOwnSystem() throws Exception {
    Result result =
        shell(
            User.ROOT,
            "set -e; d=$(mktemp -d); touch $d/f; chown 1000:1000 $d/f; chmod 4755 $d/f;"
                + " stat -c '%u %a' $d/f; su opam -c 'id -u'; rm -r $d");

    assertThat(result).isEqualTo(new Result(0, "1000 4755\n1000\n"));
  }

  @Test
  void sudoWorks() throws Exception {
    assumeThat(honoursSetUid())
        .as("this sandbox cannot honour set-uid programs: sudo was not tested")
        .isTrue();

    assertThat(shell(OPAM, "sudo id -u 2>&1")).isEqualTo(new Result(0, "0\n"));
  }

  @Test
  void installsPackages() throws Exception {
    assumeThat(honoursSetUid()).as("without sudo no packages: not tested").isTrue();
    assumeThat(SharedRoot.isReachable())
        .as("no network: the installation of packages was not tested")
        .isTrue();

    Result result =
        run(
            withNetwork(
                step(
                    OPAM,
                    "export DEBIAN_FRONTEND=noninteractive; sudo -E apt-get update -q &&"
                        + " sudo -E apt-get install -qy hello && hello && sudo -E apt-get purge -qy hello")),
            "");

    assertThat(result.output()).contains("Hello, world!").doesNotContain("Operation not permitted");
    assertThat(result.status()).isZero();
  }

  @Test
  void rootInsideIsNobodyOutside() throws Exception {
    Result result = shell(User.ROOT, "cat /proc/self/uid_map");

    assertThat(result.output().strip().split(" +")[1]).isNotEqualTo("0");
    assertThat(
            shell(
                    User.ROOT,
                    "for t in 'mount -t tmpfs none /mnt' 'mknod /tmp/null$$ c 1 3' 'unshare -U true'"
                        + " 'unshare -r true' 'hostname other' 'swapoff -a -e /proc/swaps' 'dmesg' 'echo b > /proc/sysrq-trigger'"
                        + " 'echo 1 > /proc/sys/kernel/panic' 'cat /proc/kcore | head -c 1 | grep -q .'; do"
                        + " bash -c \"$t\" >/dev/null 2>&1 && echo \"possible: $t\"; done; true")
                .output())
        .isEmpty();
  }

  @Test
  void filtersSystemCalls() throws Exception {
    assertThat(shell(OPAM, "grep -E '^Seccomp:' /proc/self/status").output())
        .isEqualTo("Seccomp:\t2\n");
    // Sockets: AF_UNIX 1, AF_INET 2, AF_INET6 10, AF_NETLINK 16 (routes, audit), AF_ALG 38,
    // AF_VSOCK 40.
    assertThat(
            shell(
                    OPAM,
                    "perl -e 'for my $s ([1,1,0],[2,1,0],[10,1,0],[16,3,0],[16,3,9],[17,3,0],[38,5,0],[40,1,0])"
                        + " { print \"$$s[0]/$$s[2] \", (socket(my $f, $$s[0], $$s[1], $$s[2]) ? \"ok\" : $!+0), \"\\n\" }"
                        // io_uring_setup, userfaultfd, bpf, keyctl, unshare(NEWUSER), clone3, and a
                        // number that does not exist yet.
                        + " for my $n (425, 323, 321, 250, 272, 435, 3000) {"
                        + " my $z = syscall($n, $n == 272 ? 0x10000000 : 0, 0, 0, 0, 0); print \"$n \", $z < 0 ? $!+0 : \"ok\", \"\\n\" }'")
                .output())
        .isEqualTo(
            """
            1/0 ok
            2/0 ok
            10/0 ok
            16/0 ok
            16/9 93
            17/0 1
            38/0 1
            40/0 1
            425 1
            323 1
            321 1
            250 1
            272 1
            435 38
            3000 38
            """);
  }

  @Test
  void hasNoNetworkUnlessAskedFor() throws Exception {
    Result result =
        shell(
            User.ROOT,
            "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; getent hosts deb.debian.org;"
                + " (exec 3<>/dev/tcp/1.1.1.1/53) 2>/dev/null && echo reached;"
                + " (exec 3<>/dev/tcp/169.254.169.254/80) 2>/dev/null && echo reached; true");

    assertThat(result.output().lines().filter(line -> line.equals("reached")).toList()).isEmpty();
    assertThat(result.output().lines().toList()).isSubsetOf("lo", "tunl0", "sit0", "ip6tnl0");
    assertThat(shell(OPAM, "getent hosts localhost builder | sort -u").output())
        .contains("builder");
  }

  @Test
  void seesTheNetworkWhenAskedFor() throws Exception {
    Result result = run(withNetwork(step(OPAM, "cat /etc/resolv.conf; nproc; ls /sys")), "");

    assertThat(result.status()).isZero();
    assertThat(result.output()).contains(Files.readString(Path.of("/etc/resolv.conf")));
  }

  @Test
  void mountsCachesForWritingAndOthersForReading() throws Exception {
    Path cache = newDirectory();
    Path data = newDirectory();
    Sandbox.Run run =
        with(
            step(
                OPAM,
                "cat /tmp/data/note; (echo x > /tmp/data/new) 2>/dev/null || echo -n ' read-only';"
                    + " echo kept > /tmp/cache/file && echo -n ' written'"),
            List.of(
                new Sandbox.Mount(cache, "/tmp/cache", false),
                new Sandbox.Mount(data, "/tmp/data", true)));

    assertThat(run(run, "").output()).isEqualTo("read me read-only written");
    assertThat(cache.resolve("file")).hasContent("kept");
    assertThat((Integer) Files.getAttribute(cache.resolve("file"), "unix:uid"))
        .as("whom user 1000 is on the host")
        .isGreaterThanOrEqualTo(100_000);
  }

  @Test
  void showsSecretsToTheStepsUserOnly() throws Exception {
    Sandbox.Run run =
        step(
            OPAM,
            "cat /tmp/secrets/token; stat -c ' %u %a' /tmp/secrets/token;"
                + " (echo x >/tmp/secrets/token) 2>/dev/null || echo refused");
    Sandbox.Run secret =
        new Sandbox.Run(
            run.rootfs(),
            run.argv(),
            "/",
            run.environment(),
            OPAM,
            false,
            List.of(),
            List.of(new Sandbox.SecretFile(Secret.of("s3cret"), "/tmp/secrets/token")),
            Optional.empty());

    assertThat(run(secret, "").output()).isEqualTo("s3cret 1000 400\nrefused\n");
    assertThat(shell(User.ROOT, "cat /tmp/secrets/token").output()).doesNotContain("s3cret");
  }

  @Test
  void endsAStepThatTakesTooLong() throws Exception {
    String nap = newNap();

    assertThatThrownBy(() -> run(withLimit(step(OPAM, nap), Duration.ofSeconds(1)), ""))
        .isInstanceOf(LimitExceededException.class)
        .hasMessage("The step exceeded its time limit of 1 s and was ended");
    assertThat(napping(nap)).isEmpty();
  }

  @Test
  void interruptionKillsEverythingThatTheStepStarted() throws Exception {
    String nap = newNap();
    CountDownLatch started = new CountDownLatch(1);
    try (TaskScope scope = TaskScope.open("step")) {
      scope.fork(
          () -> {
            try {
              sandbox()
                  .run(
                      step(
                          OPAM,
                          "trap '' TERM INT HUP; (setsid %1$s >/dev/null 2>&1 </dev/null &) ; (setsid bash -c 'trap \"\" TERM; %1$s' &) ; echo up; %1$s"
                              .formatted(nap)),
                      _ -> {},
                      (_, _) -> started.countDown());
            } finally {
              // A sandbox that cannot even start must fail the test, not stop it.
              started.countDown();
            }
          });
      started.await();
      await().until(() -> napping(nap).size() == 3);
      scope.cancel();
    }

    assertThat(napping(nap)).isEmpty();
  }

  @Test
  void daemonsDoNotOutliveTheStep() throws Exception {
    String nap = newNap();

    Result result =
        shell(OPAM, "(setsid %s >/dev/null 2>&1 </dev/null &); echo done".formatted(nap));

    assertThat(result).isEqualTo(new Result(0, "done\n"));
    assertThat(napping(nap)).isEmpty();
  }

  @Test
  void runsManyAtOnceWithoutMixingThem() throws Exception {
    try (TaskScope scope = TaskScope.open("steps", 4)) {
      List<TaskScope.Task<Result>> tasks = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        int number = i;
        tasks.add(scope.fork(() -> shell(OPAM, "echo " + number + "; exit " + number)));
      }
      scope.join();
      for (int i = 0; i < 12; i++) {
        assertThat(tasks.get(i).result()).isEqualTo(new Result(i, i + "\n"));
      }
    }
  }

  @Test
  void seesNothingOfTheHost() throws Exception {
    assertThat(shell(User.ROOT, "ls /dev").output())
        .contains("null")
        .doesNotContain("vda", "kvm", "kmsg", "mem", "fuse", "loop", "vsock");
    // Its own three and those of who watches over it: none is the host's.
    assertThat(shell(User.ROOT, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '").output())
        .doesNotContain("java", "perl -e", "systemd", rootfs().toString());
    assertThat(shell(User.ROOT, "cat /proc/[0-9]*/environ | tr '\\0' '\\n'").output())
        .contains("GREETING=two words")
        .doesNotContain("JAVA_HOME", "USER=", "MAVEN");
  }

  @Test
  void writesNowhereButToItsOwnRoot() throws Exception {
    Path canary = newDirectory();
    Files.setPosixFilePermissions(canary.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));

    Result result =
        shell(
            User.ROOT,
            """
            up=$(printf '../%%.0s' $(seq 50))
            for way in / $up /proc/1/root/ /proc/self/root/$up /proc/1/cwd/$up; do
              for file in $way%1$s/new $way%1$s/note; do (echo changed > $file) 2>/dev/null && echo "wrote $file"; done
            done
            perl -e 'mkdir "/tmp/jail$$"; chroot "/tmp/jail$$" or die; chdir ".." for 1..50; chroot "." or die;
              open(my $f, ">", "%1$s/new") and print "left\\n"'
            for file in /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /sys/kernel/uevent_helper /proc/1/oom_score_adj; do
              (echo 1 > $file) 2>/dev/null && [[ $file != *oom* ]] && echo "wrote $file"
            done
            true
            """
                .formatted(canary));

    assertThat(result).isEqualTo(new Result(0, ""));
    assertThat(canary.resolve("new")).doesNotExist();
    assertThat(canary.resolve("note")).hasContent("read me");
  }

  /** bubblewrap mounts from a root of its own, where the host's is called {@code /oldroot}. */
  @Test
  void linksOfTheTreeLeadNoMountOut() throws Exception {
    Path canary = newDirectory();
    String way = "/tmp/way-" + canary.getFileName();
    assertThat(
            shell(
                User.ROOT,
                "ln -s ../../oldroot%1$s %2$s && ln -s %1$s %2$s-absolute".formatted(canary, way)))
        .isEqualTo(new Result(0, ""));

    for (String target : List.of(way + "/made", way + "-absolute/made")) {
      Sandbox.Run run =
          with(
              step(OPAM, "cat %s/note".formatted(target)),
              List.of(new Sandbox.Mount(newDirectory(), target, true)));
      try {
        assertThat(run(run, "").output()).isEqualTo("read me");
      } catch (BuilderException e) {
        // Refusing such a target is as good as making it inside.
        assertThat(e).hasMessageContaining("target cannot be made");
      }
    }

    try (var files = Files.list(canary)) {
      assertThat(files.map(Path::getFileName)).containsExactly(Path.of("note"));
    }
  }

  @Test
  void inheritsNoOpenFilesAndMayOpenSoMany() throws Exception {
    assertThat(
            shell(
                    OPAM,
                    "for ((i = 0; i < 256; i++)); do [ -e /proc/$$/fd/$i ] && echo $i; done; ulimit -n; ulimit -Hn")
                .output())
        .isEqualTo("0\n1\n2\n%1$d\n%1$d\n".formatted(SandboxOptions.OPEN_FILES_MAX_DEFAULT));
  }

  @Test
  void hasTheCapabilitiesOfTheListAtMost() throws Exception {
    String capabilities = "grep -E '^(CapEff|CapBnd|CapAmb|NoNewPrivs)' /proc/self/status";

    assertThat(shell(User.ROOT, capabilities).output())
        .isEqualTo(
            "CapEff:\t00000000a80401fb\nCapBnd:\t00000000a80401fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t%d\n"
                .formatted(honoursSetUid() ? 0 : 1));
    assertThat(shell(OPAM, capabilities).output())
        .startsWith("CapEff:\t0000000000000000\nCapBnd:\t00000000a80401fb\n");
  }

  @Test
  void hasTheEnvironmentThatWasAskedForOnly() throws Exception {
    Sandbox.Run run = step(OPAM, "unused");
    Sandbox.Run environment =
        new Sandbox.Run(
            run.rootfs(),
            List.of("/usr/bin/env"),
            "/",
            run.environment(),
            OPAM,
            false,
            List.of(),
            List.of(),
            Optional.empty());

    // runc adds the home directory where nobody else says it.
    assertThat(run(environment, "").output().lines())
        .contains("GREETING=two words", "PATH=" + PATH)
        .isSubsetOf("GREETING=two words", "PATH=" + PATH, "HOME=/home/opam");
  }

  /** A command that sleeps for long, as no other on this machine does. */
  private static String newNap() {
    return "sleep " + (100 * ProcessHandle.current().pid() + 10_000 + NAPS.getAndIncrement());
  }

  private static List<String> napping(String nap) throws IOException {
    return processes(nap.replace(' ', '\0'));
  }

  /** Host processes whose command line contains this text. */
  static List<String> processes(String text) throws IOException {
    List<String> found = new ArrayList<>();
    try (var stream = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : stream) {
        try {
          String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
          if (line.contains(text) && !line.contains("bash")) {
            found.add(process.getFileName() + " " + line);
          }
        } catch (IOException e) {
          // It has just ended.
        }
      }
    }
    return found;
  }
}
