package dev.millrace.builder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The configuration of one container, as an OCI runtime reads it. Pure functions: {@link
 * #documented} makes what the original builder makes (the form sites know and compare), {@link
 * OciHardening} makes of that what Millrace runs.
 */
final class OciConfig {
  private static final JsonMapper JSON = new JsonMapper();

  /** What Docker gives, without what only host networking would need. */
  static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/sys/firmware",
          "/proc/scsi");

  private static final List<String> SYNC_CALLS =
      List.of("fsync", "fdatasync", "msync", "sync", "syncfs", "sync_file_range");

  private OciConfig() {}

  /**
   * A container's surroundings.
   *
   * @param rootfs host path of the root file system
   * @param files host directory with {@code hosts} and {@code secret-0}, {@code secret-1} …
   * @param machine the machine's architecture as {@code uname -m} has it
   */
  record Surroundings(String rootfs, String files, String machine, SandboxOptions options) {}

  /** The original's configuration for a run, section by section. */
  static Map<String, Object> documented(Sandbox.Run run, Surroundings around) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("ociVersion", "1.0.1-dev");
    config.put("process", process(run, around.options()));
    config.put("root", object("path", around.rootfs(), "readonly", false));
    config.put("hostname", "builder");
    config.put("mounts", mounts(run, around));
    config.put("linux", linux(run, around));
    return config;
  }

  /** The text of a configuration. */
  static byte[] encode(Map<String, Object> config) {
    return JSON.writeValueAsBytes(config);
  }

  private static Map<String, Object> process(Sandbox.Run run, SandboxOptions options) {
    return object(
        "terminal",
        false,
        "user",
        object("uid", run.user().uid(), "gid", run.user().gid()),
        "args",
        run.argv(),
        "env",
        run.environment().stream().map(v -> v.name() + "=" + v.value()).toList(),
        "cwd",
        run.directory(),
        "capabilities",
        object(
            "bounding",
            CAPABILITIES,
            "effective",
            CAPABILITIES,
            "inheritable",
            CAPABILITIES,
            "permitted",
            CAPABILITIES),
        "rlimits",
        List.of(
            object(
                "type",
                "RLIMIT_NOFILE",
                "hard",
                options.openFilesMax(),
                "soft",
                options.openFilesMax())),
        "noNewPrivileges",
        false);
  }

  private static List<Object> mounts(Sandbox.Run run, Surroundings around) {
    List<Object> mounts = new ArrayList<>();
    mounts.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
    mounts.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"));
    mounts.add(
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"));
    mounts.add(mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"));
    mounts.add(
        mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev", "relatime"));
    mounts.add(
        mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
    mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
    mounts.add(readOnlyFile(around.files() + "/hosts", "/etc/hosts"));
    if (run.network()) {
      mounts.add(readOnlyFile("/etc/resolv.conf", "/etc/resolv.conf"));
    }
    for (int i = 0; i < run.secrets().size(); i++) {
      mounts.add(readOnlyFile(around.files() + "/secret-" + i, run.secrets().get(i).target()));
    }
    for (Sandbox.Mount mount : run.mounts()) {
      List<String> options = new ArrayList<>(List.of("bind", "nosuid", "nodev"));
      if (mount.readOnly()) {
        options.add("ro");
      }
      mounts.add(
          object(
              "destination",
              mount.target(),
              "type",
              "bind",
              "source",
              mount.source().toString(),
              "options",
              options));
    }
    return mounts;
  }

  private static Map<String, Object> readOnlyFile(String source, String target) {
    return mount(target, "bind", source, "ro", "rbind", "rprivate");
  }

  private static Map<String, Object> mount(
      String destination, String type, String source, String... options) {
    return object(
        "destination", destination, "type", type, "source", source, "options", List.of(options));
  }

  private static Map<String, Object> linux(Sandbox.Run run, Surroundings around) {
    List<Object> namespaces = new ArrayList<>();
    for (String type : List.of("pid", "ipc", "uts", "mount")) {
      namespaces.add(object("type", type));
    }
    if (!run.network()) {
      namespaces.addFirst(object("type", "network"));
    }
    return object(
        "namespaces",
        namespaces,
        "maskedPaths",
        MASKED,
        "readonlyPaths",
        List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"),
        "seccomp",
        seccomp(around));
  }

  private static Map<String, Object> seccomp(Surroundings around) {
    Map<String, Object> section = new LinkedHashMap<>();
    section.put("defaultAction", "SCMP_ACT_ALLOW");
    switch (around.machine()) {
      case "x86_64", "amd64" ->
          section.put(
              "architectures", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"));
      case "aarch64" -> section.put("architectures", List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"));
      default -> {
        // The runtime takes the machine's own.
      }
    }
    section.put(
        "syscalls",
        around.options().fastSync()
            ? List.of(object("names", SYNC_CALLS, "action", "SCMP_ACT_ERRNO", "errnoRet", 0))
            : List.of());
    return section;
  }

  /** A JSON object with these keys and values, in this order. */
  static Map<String, Object> object(Object... keysAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      object.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return object;
  }
}
