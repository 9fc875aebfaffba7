package dev.millrace.services.ocamlci;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The programs that building needs from this machine's distribution. */
final class HostTools {
  private static final Duration INSTALL_MAX = Duration.ofMinutes(15);
  private static final List<Path> PATH =
      List.of(
          Path.of("/usr/local/sbin"),
          Path.of("/usr/local/bin"),
          Path.of("/usr/sbin"),
          Path.of("/usr/bin"),
          Path.of("/sbin"),
          Path.of("/bin"));

  /**
   * A program, the Debian package that has it, and what it is for.
   *
   * @param program its file name
   */
  private record Tool(String program, String debianPackage, String purpose) {}

  private static final Tool RUNC = new Tool("runc", "runc", "runs steps in sandboxes");
  private static final Tool BUBBLEWRAP =
      new Tool("bwrap", "bubblewrap", "runs steps in sandboxes without root");
  private static final Tool PERL = new Tool("perl", "perl-base", "watches over steps");
  private static final Tool TAR = new Tool("tar", "tar", "unpacks base images");
  private static final Tool MMDEBSTRAP =
      new Tool("mmdebstrap", "mmdebstrap", "makes base images from the distribution's packages");
  private static final Tool NEWUIDMAP =
      new Tool("newuidmap", "uidmap", "gives steps users of their own without root");

  private HostTools() {}

  /**
   * Makes sure that everything needed is there: installs what is missing when root, each named
   * first.
   *
   * @throws LocalException naming the packages, if something is missing and cannot be installed
   */
  static void prepare(boolean root, boolean bootstrap, Consumer<String> notice)
      throws IOException, InterruptedException {
    List<Tool> needed = new ArrayList<>(root ? List.of(RUNC) : List.of(BUBBLEWRAP, NEWUIDMAP));
    needed.addAll(List.of(PERL, TAR));
    if (bootstrap) {
      needed.add(MMDEBSTRAP);
    }
    notice.accept(
        root
            ? "Running as root: steps run in runc containers"
            : "Running as an ordinary user: steps run in bubblewrap, without limits on memory and processes");
    List<Tool> missing = needed.stream().filter(tool -> !has(tool.program())).toList();
    if (!missing.isEmpty()) {
      install(root, missing, notice);
    }
  }

  private static boolean has(String program) {
    return PATH.stream().anyMatch(directory -> Files.isExecutable(directory.resolve(program)));
  }

  private static void install(boolean root, List<Tool> missing, Consumer<String> notice)
      throws IOException, InterruptedException {
    List<String> packages = missing.stream().map(Tool::debianPackage).toList();
    if (!root || !has("apt-get")) {
      throw new LocalException(
          LocalException.Kind.MACHINE,
          "This machine lacks %s; as root: apt-get install %s (where packages have other names: those with these programs)"
              .formatted(
                  String.join(", ", missing.stream().map(Tool::program).toList()),
                  String.join(" ", packages)),
          null);
    }
    for (Tool tool : missing) {
      notice.accept("Installing %s, which %s".formatted(tool.debianPackage(), tool.purpose()));
    }
    List<String> command =
        new ArrayList<>(List.of("apt-get", "install", "-q", "-y", "--no-install-recommends", "--"));
    command.addAll(packages);
    try {
      apt(List.of("apt-get", "update", "-q"));
      apt(command);
    } catch (ProcessException e) {
      throw new LocalException(
          LocalException.Kind.MACHINE,
          "Cannot install %s: %s".formatted(String.join(", ", packages), e.getMessage()),
          e);
    }
  }

  private static void apt(List<String> argv) throws IOException, InterruptedException {
    Command.of(argv)
        .withEnvironment(
            Map.of(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "DEBIAN_FRONTEND",
                "noninteractive",
                "LC_ALL",
                "C"))
        .withTimeLimit(INSTALL_MAX)
        .read(16 << 20);
  }
}
