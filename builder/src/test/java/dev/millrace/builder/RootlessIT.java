package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs the contracts of {@link RootlessCases} as an ordinary user, made for the occasion, each in a
 * JVM of that user and a directory of its own; some side by side, as a user's builds would.
 */
final class RootlessIT {
  /** A test beside which others of this class may run, but none of another. */
  @Test
  @Execution(ExecutionMode.CONCURRENT)
  @Retention(RetentionPolicy.RUNTIME)
  @interface TestAtOnce {}

  private static final int OUTPUT_BYTES_MAX = 1 << 16;
  private static final String USER = "millrace-it";

  @TempDir private static Path temp;
  private static Path archive = Path.of("unset");
  private static String classPath = "unset";

  @BeforeAll
  static void addUser() throws Exception {
    archive = SharedRoot.archive();
    for (String program : List.of("newuidmap", "bwrap", "useradd")) {
      assumeTrue(SharedRoot.isInstalled(program), "NOT TESTED: " + program + " is not installed");
    }
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
    removeUser();
    Command.of("useradd", "--create-home", "--home-dir", home().toString(), USER)
        .read(OUTPUT_BYTES_MAX);
    Command.of("usermod", "--add-subuids", "300000-365535", "--add-subgids", "300000-365535", USER)
        .read(OUTPUT_BYTES_MAX);
    classPath = copyClassPath();
  }

  @AfterAll
  static void removeUser() throws Exception {
    if (Files.readString(Path.of("/etc/passwd")).contains("\n" + USER + ":")) {
      Command.of("userdel", USER).read(OUTPUT_BYTES_MAX);
    }
  }

  private static Path home() {
    return temp.resolve("home");
  }

  private static String run(String testClass) throws IOException, InterruptedException {
    return run(testClass, archive);
  }

  private static String run(String testClass, Path argument)
      throws IOException, InterruptedException {
    Path directory = Files.createDirectory(home().resolve(testClass));
    Command.of("chown", USER + ":" + USER, directory.toString()).read(OUTPUT_BYTES_MAX);
    List<String> argv = new ArrayList<>(List.of("setpriv", "--reuid", USER, "--regid", USER));
    argv.addAll(List.of("--clear-groups", "--inh-caps=-all", "--", "env", "-i"));
    argv.addAll(List.of("PATH=/usr/bin:/bin", "HOME=" + home()));
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    argv.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-cp"));
    argv.addAll(List.of(classPath, RootlessCases.class.getName(), testClass));
    argv.addAll(List.of(argument.toString(), directory.toString()));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status =
        Command.of(argv).in(directory).run((buffer, length) -> output.write(buffer, 0, length));
    String text = output.toString(StandardCharsets.UTF_8);
    assertThat(status).as(text).isZero();
    return text;
  }

  /** A copy of ours, where that user can read it. */
  private static String copyClassPath() throws IOException, InterruptedException {
    Path copies = Files.createDirectories(temp.resolve("classes"));
    List<String> copied = new ArrayList<>();
    String ours =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : ours.split(File.pathSeparator)) {
      if (Files.exists(Path.of(entry))) {
        Path copy = copies.resolve(copied.size() + "-" + Path.of(entry).getFileName());
        Command.of("cp", "-r", "--", entry, copy.toString()).read(OUTPUT_BYTES_MAX);
        copied.add(copy.toString());
      }
    }
    Command.of("chmod", "-R", "a+rX", copies.toString()).read(OUTPUT_BYTES_MAX);
    return String.join(File.pathSeparator, copied);
  }

  @TestAtOnce
  void runcWithoutRootKeepsTheContract() throws Exception {
    assertThat(run("runc")).contains(" 0 failed");
  }

  @TestAtOnce
  void bubblewrapKeepsTheContract() throws Exception {
    assertThat(run("bubblewrap")).contains(" 0 failed");
  }

  @TestAtOnce
  void bubblewrapKeepsTheContractOnAnOverlay() throws Exception {
    assertThat(run("bubblewrap-on-overlay")).contains(" 0 failed");
  }

  @TestAtOnce
  void theNextStartOfAnOrdinaryUserRemovesWhatAKilledOneLeft() throws Exception {
    assertThat(run("after-kill")).contains("2 succeeded, 0 failed");
  }

  @TestAtOnce
  void theOverlayStoreWithoutRootKeepsTheContract() throws Exception {
    assertThat(run("overlay-store")).contains(" 0 failed");
  }

  /** On a file system without the attributes that layers need. */
  @TestAtOnce
  void copiesTakeThePlaceOfOverlaysThatDoNotWork() throws Exception {
    Path plain = Files.createDirectory(temp.resolve("plain"));
    Command.of("mount", "-t", "ramfs", "none", plain.toString()).read(OUTPUT_BYTES_MAX);
    try {
      Command.of("chown", USER, plain.toString()).read(OUTPUT_BYTES_MAX);

      assertThat(run("store", plain.resolve("store")))
          .contains("copies, which are slow (overlayfs cannot be used: ");
    } finally {
      Command.of("umount", plain.toString()).read(OUTPUT_BYTES_MAX);
    }
  }

  @TestAtOnce
  void theCopyStoreWithoutRootKeepsTheContract() throws Exception {
    assertThat(run("copy-store")).contains(" 0 failed");
  }

  @TestAtOnce
  void anOrdinaryUserBuildsASpecOnceAndRemovesItAll() throws Exception {
    assertThat(run("build"))
        .contains("first: 4 made by overlayfs, second: 0 made by overlayfs", "removed: true");
    String directory = home().resolve("build").toString();
    assertThat(SandboxContract.processes(directory)).isEmpty();
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
        .noneMatch(line -> line.contains(directory));
  }
}
