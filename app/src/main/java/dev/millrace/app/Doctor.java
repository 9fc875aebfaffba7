package dev.millrace.app;

import dev.millrace.app.Diagnosis.Finding;
import dev.millrace.builder.SubordinateIds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Examines a machine: can it build, how, and what stands between a build and the machine.
 *
 * <p>It tries what can be tried without leaving a trace (a user namespace), and reads the rest.
 */
final class Doctor {
  private static final long GIB = 1L << 30;
  private static final long MEMORY_WANTED = 2 * GIB;
  private static final long DISK_WANTED = 10 * GIB;
  private static final Pattern VERSION = Pattern.compile("\\d+(?:\\.\\d+)+\\S*");

  private final Machine machine;
  private final Path stateDirectory;
  private final SubordinateIds subordinates;

  Doctor(Machine machine, Path stateDirectory) {
    this.machine = machine;
    this.stateDirectory = stateDirectory;
    this.subordinates = machine.subordinateIds();
  }

  private boolean hasSecondUser() {
    return subordinates.granted() && machine.program("newuidmap").isPresent();
  }

  /** Examines it. Takes a second or two, as programs are asked for their versions. */
  Diagnosis examine() throws InterruptedException {
    boolean hasNamespaces = hasUserNamespaces();
    boolean hasSandbox =
        machine.isRoot()
            ? machine.program("runc").isPresent()
            : machine.program("bwrap").isPresent() && hasNamespaces;
    boolean canBuild = hasSandbox;
    return new Diagnosis(
        machineFindings(hasNamespaces),
        programFindings(),
        protectionFindings(hasNamespaces),
        canBuild,
        verdict(canBuild, hasNamespaces));
  }

  private String verdict(boolean canBuild, boolean hasNamespaces) {
    if (machine.isRoot()) {
      return canBuild
          ? "builds run as root, in runc containers"
          : "builds cannot run: runc is missing (millrace local installs it when run as root on Debian)";
    }
    if (canBuild) {
      return "builds run as the user \"%s\", in bubblewrap sandboxes; %s"
          .formatted(
              machine.user(),
              hasSecondUser()
                  ? "without limits on memory and processes"
                  : "steps that need a second user are refused, so millrace local does not start");
    }
    return hasNamespaces
        ? "builds cannot run: bubblewrap is missing (apt-get install bubblewrap uidmap mmdebstrap)"
        : "builds cannot run: this kernel allows ordinary users no user namespaces; run as root";
  }

  private List<Finding> machineFindings(boolean hasNamespaces) {
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("distribution", osRelease("PRETTY_NAME").orElse("unknown")));
    findings.add(Finding.ok("kernel", machine.text("proc/sys/kernel/osrelease").orElse("unknown")));
    findings.add(Finding.ok("jdk", Runtime.version() + " in " + System.getProperty("java.home")));
    findings.add(
        machine.isRoot()
            ? Finding.ok("user", "root")
            : Finding.limited(
                "user",
                machine.user() + ": bubblewrap, without limits on memory and processes",
                ""));
    findings.add(
        Finding.ok("processors", Integer.toString(Runtime.getRuntime().availableProcessors())));
    findings.add(memory());
    findings.add(disk());
    findings.add(
        hasNamespaces
            ? Finding.ok("user namespaces", "allowed")
            : Finding.missing(
                "user namespaces",
                "refused",
                "Allow user namespaces: sysctl user.max_user_namespaces=15000, and where they exist"
                    + " kernel.unprivileged_userns_clone=1,"
                    + " kernel.apparmor_restrict_unprivileged_userns=0"));
    findings.add(subordinateIds());
    findings.add(cgroups());
    findings.add(
        fileSystems().contains("overlay")
            ? Finding.ok("overlayfs", "available")
            : Finding.limited("overlayfs", "not loaded: snapshots are copies", "modprobe overlay"));
    return findings;
  }

  private Finding memory() {
    Optional<Long> total = memoryBytes("MemTotal:");
    Optional<Long> available = memoryBytes("MemAvailable:");
    if (total.isEmpty() || available.isEmpty()) {
      return Finding.limited("memory", "unknown", "");
    }
    String value = "%s, %s available".formatted(gib(total.get()), gib(available.get()));
    return available.get() >= MEMORY_WANTED
        ? Finding.ok("memory", value)
        : Finding.limited("memory", value, "Leave Millrace 2 GiB of memory or more");
  }

  private Optional<Long> memoryBytes(String key) {
    return machine.lines("proc/meminfo").stream()
        .filter(line -> line.startsWith(key))
        .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst();
  }

  private Finding disk() {
    Optional<Long> free = machine.freeBytes(stateDirectory);
    if (free.isEmpty()) {
      return Finding.limited("disk", "unknown for " + stateDirectory, "");
    }
    String value = "%s free for %s".formatted(gib(free.get()), stateDirectory);
    return free.get() >= DISK_WANTED
        ? Finding.ok("disk", value)
        : Finding.limited(
            "disk", value, "Make room: base images and snapshots take 10 GiB or more");
  }

  private boolean hasUserNamespaces() throws InterruptedException {
    return machine.output("unshare", "--user", "--", "true").isPresent();
  }

  private Finding subordinateIds() {
    if (subordinates.granted()) {
      return Finding.ok("subordinate ids", "a range for " + machine.user());
    }
    return machine.isRoot()
        ? Finding.ok("subordinate ids", "none for root, none needed")
        : Finding.limited(
            "subordinate ids",
            "no range of 65536 for %s in /etc/subuid and /etc/subgid: steps that need a second user are refused"
                .formatted(machine.user()),
            "As root: " + subordinates.remedy());
  }

  private Finding cgroups() {
    if (machine.exists("sys/fs/cgroup/cgroup.controllers")) {
      return Finding.ok("cgroups", "version 2");
    }
    if (machine.exists("sys/fs/cgroup/unified")) {
      return Finding.limited("cgroups", "hybrid of versions 1 and 2 (crun refuses this)", "");
    }
    return machine.exists("sys/fs/cgroup/memory")
        ? Finding.limited("cgroups", "version 1", "")
        : Finding.missing("cgroups", "none mounted: no limits on memory and processes", "");
  }

  private List<String> fileSystems() {
    return machine.lines("proc/filesystems").stream()
        .map(line -> line.replace("nodev", "").strip())
        .toList();
  }

  private List<Finding> programFindings() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    findings.add(runc());
    findings.add(program("bwrap", "bubblewrap", "builds without root", "--version"));
    findings.add(
        program("mmdebstrap", "mmdebstrap", "base images from Debian's packages", "--version"));
    findings.add(
        machine
            .program("newuidmap")
            .map(path -> Finding.ok("newuidmap", path.toString()))
            .orElseGet(
                () -> absent("newuidmap", "uidmap", "several users in a step without root")));
    findings.add(docker());
    return findings;
  }

  private Finding runc() throws InterruptedException {
    Optional<String> version = version("runc", "--version");
    if (version.isEmpty()) {
      return absent("runc", "runc", "builds as root");
    }
    // CVE-2025-31133, -52565 and -52881 are mended from these on; a distribution may have mended an
    // older one without saying so in its version.
    return RuncVersion.isMended(version.get())
        ? Finding.ok("runc", version.get())
        : Finding.limited(
            "runc",
            version.get()
                + ": older than 1.2.8 and 1.3.3, so maybe open to known escapes:"
                + " build only what you trust",
            "");
  }

  private Finding docker() throws InterruptedException {
    Optional<String> client = version("docker", "--version");
    if (client.isEmpty()) {
      return Finding.ok("docker", "not installed (not needed)");
    }
    return machine
        .output("docker", "version", "--format", "{{.Server.Version}}")
        .filter(engine -> !engine.isEmpty())
        .map(engine -> Finding.ok("docker", client.get() + ", engine " + engine))
        .orElseGet(() -> Finding.ok("docker", client.get() + ", no engine answers (not needed)"));
  }

  private Finding program(String name, String debianPackage, String use, String versionOption)
      throws InterruptedException {
    return version(name, versionOption)
        .map(version -> Finding.ok(name, version))
        .orElseGet(() -> absent(name, debianPackage, use));
  }

  private static Finding absent(String name, String debianPackage, String use) {
    return Finding.missing(
        name, "not installed: needed for " + use, "apt-get install " + debianPackage);
  }

  private Optional<String> version(String program, String option) throws InterruptedException {
    return machine
        .output(program, option)
        .map(
            output -> {
              Matcher matcher = VERSION.matcher(output);
              return matcher.find() ? matcher.group().replaceAll("[,;]$", "") : "version unknown";
            });
  }

  private List<Finding> protectionFindings(boolean hasNamespaces) {
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("sandbox", machine.isRoot() ? "runc" : "bubblewrap"));
    findings.add(userNamespace(hasNamespaces));
    findings.add(
        machine.text("proc/sys/kernel/seccomp/actions_avail").orElse("").contains("errno")
            ? Finding.ok("system call filter", "steps call only what is listed")
            : Finding.missing("system call filter", "off: this kernel has no seccomp", ""));
    findings.add(Finding.ok("network", "only for steps that fetch or install"));
    boolean hasCgroups =
        machine.exists("sys/fs/cgroup/cgroup.procs") || machine.exists("sys/fs/cgroup/memory");
    findings.add(
        machine.isRoot() && hasCgroups
            ? Finding.ok("resource limits", "by cgroups")
            : Finding.limited(
                "resource limits", "off: a step may use all memory and processes there are", ""));
    return findings;
  }

  private Finding userNamespace(boolean hasNamespaces) {
    if (!hasNamespaces) {
      return Finding.missing("user namespace", "off: root inside a step is root outside", "");
    }
    if (machine.isRoot()) {
      return Finding.ok("user namespace", "everybody inside a step is nobody outside");
    }
    return Finding.limited(
        "user namespace",
        "root inside a step is %s outside, everybody else nobody".formatted(machine.user()),
        "");
  }

  private Optional<String> osRelease(String key) {
    return machine.lines("etc/os-release").stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1).replace("\"", ""))
        .findFirst();
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB);
  }
}
