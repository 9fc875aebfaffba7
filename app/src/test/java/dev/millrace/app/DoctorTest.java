package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.app.Diagnosis.Finding;
import dev.millrace.app.Diagnosis.State;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Machines are folders of files and scripts; nothing of the real one is read. */
class DoctorTest {
  @TempDir private Path root;

  @BeforeEach
  void anOrdinaryMachine() throws IOException {
    file("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n");
    file("proc/sys/kernel/osrelease", "6.12.0\n");
    file("proc/sys/kernel/seccomp/actions_avail", "kill_process errno allow\n");
    file("proc/meminfo", "MemTotal:        8388608 kB\nMemAvailable:    4194304 kB\n");
    file("proc/filesystems", "nodev\tsysfs\nnodev\toverlay\n\text4\n");
    file("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
    file("sys/fs/cgroup/cgroup.procs", "");
    program("unshare", "exit 0");
  }

  @Test
  void rootWithRuncBuildsInContainers() throws Exception {
    program("runc", "echo 'runc version 1.3.3+ds1'");

    Diagnosis diagnosis = examine("root");

    assertThat(diagnosis.canBuild()).isTrue();
    assertThat(diagnosis.verdict()).isEqualTo("builds run as root, in runc containers");
    assertThat(find(diagnosis, "distribution").value()).isEqualTo("Debian GNU/Linux 13 (trixie)");
    assertThat(find(diagnosis, "runc")).isEqualTo(Finding.ok("runc", "1.3.3+ds1"));
    assertThat(find(diagnosis, "memory").value()).isEqualTo("8.0 GiB, 4.0 GiB available");
    assertThat(find(diagnosis, "resource limits").state()).isEqualTo(State.OK);
    assertThat(diagnosis.advice()).contains("apt-get install mmdebstrap");
  }

  @Test
  void rootWithoutRuncCannotBuildAndIsToldWhatToInstall() throws Exception {
    Diagnosis diagnosis = examine("root");

    assertThat(diagnosis.canBuild()).isFalse();
    assertThat(find(diagnosis, "runc").state()).isEqualTo(State.MISSING);
    assertThat(diagnosis.advice()).contains("apt-get install runc");
  }

  @Test
  void anOldRuncIsNotCalledABoundary() throws Exception {
    program("runc", "echo 'runc version 1.1.5+ds1'");

    Finding runc = find(examine("root"), "runc");

    assertThat(runc.state()).isEqualTo(State.LIMITED);
    assertThat(runc.value()).contains("1.1.5+ds1").contains("build only what you trust");
  }

  @Test
  void anOrdinaryUserBuildsWithBubblewrapWithoutLimits() throws Exception {
    program("bwrap", "echo 'bubblewrap 0.11.0'");
    program("newuidmap", "exit 1");
    file("etc/subuid", "ada:100000:65536\n");
    file("etc/subgid", "ada:100000:65536\n");

    Diagnosis diagnosis = examine("ada");

    assertThat(diagnosis.canBuild()).isTrue();
    assertThat(diagnosis.verdict())
        .isEqualTo(
            "builds run as the user \"ada\", in bubblewrap sandboxes; without limits on memory and processes");
    assertThat(find(diagnosis, "resource limits").state()).isEqualTo(State.LIMITED);
    assertThat(find(diagnosis, "sandbox").value()).isEqualTo("bubblewrap");
    assertThat(find(diagnosis, "user namespace").value())
        .isEqualTo("root inside a step is ada outside, everybody else nobody");
  }

  @Test
  void aRangeIsOfNoUseWithoutTheProgramThatGivesIt() throws Exception {
    program("bwrap", "echo 'bubblewrap 0.11.0'");
    file("etc/subuid", "ada:100000:65536\n");
    file("etc/subgid", "ada:100000:65536\n");

    Diagnosis diagnosis = examine("ada");

    assertThat(diagnosis.verdict()).contains("steps that need a second user are refused");
    assertThat(diagnosis.advice()).contains("apt-get install uidmap");
  }

  @Test
  void anOrdinaryUserWithoutSubordinateIdsIsToldWhatIsRefused() throws Exception {
    program("bwrap", "echo 'bubblewrap 0.11.0'");
    file("etc/subuid", "bob:100000:65536\nada:200000:1000\n");
    file("etc/subgid", "ada:100000:65536\n");

    Diagnosis diagnosis = examine("ada");

    assertThat(diagnosis.verdict()).contains("steps that need a second user are refused");
    assertThat(diagnosis.advice())
        .contains("As root: usermod --add-subuids 201000-266535 --add-subgids 201000-266535 ada");
  }

  @Test
  void anOrdinaryUserWithoutUserNamespacesCannotBuild() throws Exception {
    program("bwrap", "echo 'bubblewrap 0.11.0'");
    program("unshare", "exit 1");

    Diagnosis diagnosis = examine("ada");

    assertThat(diagnosis.canBuild()).isFalse();
    assertThat(diagnosis.verdict()).contains("user namespaces").contains("run as root");
    assertThat(find(diagnosis, "user namespace").state()).isEqualTo(State.MISSING);
  }

  @Test
  void anEmptyMachineIsNoError() throws Exception {
    Path nothing = Files.createDirectory(root.resolve("nothing"));

    Diagnosis diagnosis =
        new Doctor(new Machine(nothing, List.of(nothing), "root", true), nothing).examine();

    assertThat(diagnosis.canBuild()).isFalse();
    assertThat(find(diagnosis, "kernel").value()).isEqualTo("unknown");
    assertThat(find(diagnosis, "cgroups").state()).isEqualTo(State.MISSING);
    assertThat(find(diagnosis, "system call filter").state()).isEqualTo(State.MISSING);
  }

  @Test
  void textAndJsonSayTheSame() throws Exception {
    Diagnosis diagnosis = examine("root");
    StringWriter text = new StringWriter();

    DoctorCommand.printText(diagnosis, new PrintWriter(text, true));
    JsonNode json = JsonMapper.builder().build().readTree(DoctorCommand.renderJson(diagnosis));

    assertThat(json.get("can_build").asBoolean()).isFalse();
    assertThat(json.get("verdict").asString()).isEqualTo(diagnosis.verdict());
    for (String group : List.of("machine", "programs", "protections")) {
      assertThat(json.get(group).size()).isPositive();
      for (JsonNode finding : json.get(group)) {
        assertThat(text.toString())
            .contains(finding.get("name").asString())
            .contains(finding.get("value").asString());
      }
    }
  }

  private Diagnosis examine(String user) throws InterruptedException {
    Machine machine = new Machine(root, List.of(root.resolve("bin")), user, user.equals("root"));
    return new Doctor(machine, root).examine();
  }

  private static Finding find(Diagnosis diagnosis, String name) {
    return Stream.of(diagnosis.machine(), diagnosis.programs(), diagnosis.protections())
        .flatMap(List::stream)
        .filter(finding -> finding.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no finding " + name));
  }

  private void file(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, content);
  }

  private void program(String name, String script) throws IOException {
    file("bin/" + name, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(
        root.resolve("bin/" + name), PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
