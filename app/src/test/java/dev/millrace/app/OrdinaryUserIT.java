package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher as an ordinary user starts it, made for the occasion: what is said, and how it ends.
 * That this user's steps run is {@code RootlessIT}'s, in the builder.
 */
final class OrdinaryUserIT {
  private static final int OUTPUT_BYTES_MAX = 1 << 16;
  private static final String USER = "millrace-app-it";

  @TempDir private Path temp;
  private Path jar;

  @BeforeEach
  void addUser() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "NOT TESTED: needs root");
    for (String program :
        List.of("newuidmap", "bwrap", "useradd", "git", "mmdebstrap", "setpriv", "unshare")) {
      assumeTrue(isInstalled(program), "NOT TESTED: " + program + " is not installed");
    }
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
    // Where that user can read it, wherever this repository is.
    Path target = MillraceProcess.HOME.resolve("app/target");
    jar = temp.resolve("millrace-app.jar");
    Files.copy(target.resolve("millrace-app.jar"), jar);
    command("cp", "-rL", target.resolve("lib").toString(), temp.toString());
    command("chmod", "-R", "a+rX", temp.resolve("lib").toString());
    removeUser();
    command("useradd", "--create-home", "--home-dir", home().toString(), USER);
    for (String file : List.of("/etc/subuid", "/etc/subgid")) {
      command("sed", "-i", "/^" + USER + ":/d", file);
    }
    TestProject project = TestProject.empty(temp.resolve("project"));
    project.write("a.opam", "opam-version: \"2.0\"\n").commit("First");
    command("chmod", "-R", "a+rX", project.directory().toString());
    Files.createDirectory(work());
    Files.setPosixFilePermissions(work(), PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @AfterEach
  void removeUser() throws Exception {
    if (Files.readString(Path.of("/etc/passwd")).contains("\n" + USER + ":")) {
      command("userdel", USER);
    }
  }

  private static boolean isInstalled(String program) {
    return Stream.of("/usr/bin", "/usr/sbin")
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static void command(String... argv) throws IOException, InterruptedException {
    Command.of(argv).read(OUTPUT_BYTES_MAX);
  }

  private Path home() {
    return temp.resolve("home");
  }

  /** Where everybody may write. */
  private Path work() {
    return temp.resolve("work");
  }

  private MillraceProcess.Ended run(List<String> prefix, String... arguments)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(prefix);
    argv.addAll(List.of("env", "-i", "PATH=/usr/bin:/bin", "HOME=" + home()));
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    argv.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx512m", "-XX:+UseSerialGC"));
    argv.addAll(List.of("-cp", jar.toString(), "dev.millrace.app.Main"));
    argv.addAll(List.of(arguments));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status = Command.of(argv).in(temp).run((buffer, length) -> output.write(buffer, 0, length));
    return new MillraceProcess.Ended(status, output.toString(StandardCharsets.UTF_8));
  }

  private static List<String> asUser() {
    return List.of(
        "setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--inh-caps=-all", "--");
  }

  private MillraceProcess.Ended local(List<String> prefix)
      throws IOException, InterruptedException {
    return run(
        prefix,
        "local",
        temp.resolve("project").toString(),
        "--once",
        "--bootstrap",
        "--port=0",
        "--state-dir=" + work().resolve("state"),
        "--opam-repository=" + temp.resolve("project"));
  }

  private static void assertRefused(MillraceProcess.Ended ended, String... parts) {
    assertThat(ended.status()).as(ended.output()).isEqualTo(3);
    assertThat(ended.output()).contains("as an ordinary user: steps run in bubblewrap");
    assertThat(ended.output().lines().filter(line -> line.startsWith("millrace: ")))
        .as(ended.output())
        .singleElement()
        .satisfies(line -> assertThat(line).contains(parts));
    assertThat(ended.output().lines().toList().getLast()).startsWith("millrace: ");
  }

  @Test
  void withoutARangeOfIdsIsToldHowToGetOne() throws Exception {
    assertRefused(
        local(asUser()),
        "(user (uid 1000) (gid 1000))",
        "/etc/subuid and /etc/subgid",
        "usermod --add-subuids",
        USER);

    MillraceProcess.Ended doctor = run(asUser(), "doctor");
    assertThat(doctor.output())
        .contains("no range of 65536 for " + USER)
        .contains("steps that need a second user are refused");
  }

  @Test
  void withoutUserNamespacesIsToldToRunAsRoot() throws Exception {
    command("usermod", "--add-subuids=400000-465535", "--add-subgids=400000-465535", USER);
    // In a namespace that allows none below it, as its user 1: the machine's limit is not touched.
    List<String> prefix = new ArrayList<>(asUser());
    prefix.addAll(List.of("unshare", "--user", "--map-auto", "--map-root-user", "sh", "-c"));
    prefix.add(
        "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --reuid 1 --regid 1 --clear-groups -- \"$@\"");
    prefix.add("sh");

    assertRefused(local(prefix), "allows no user namespaces", "run as root");

    MillraceProcess.Ended doctor = run(prefix, "doctor");
    assertThat(doctor.status()).as(doctor.output()).isEqualTo(1);
    assertThat(doctor.output()).contains("this kernel allows ordinary users no user namespaces");
  }
}
