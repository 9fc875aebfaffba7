package dev.millrace.builder;

import static dev.millrace.builder.OciConfig.object;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Turns the documented configuration of a container into the one that runs. A pure function.
 *
 * <ul>
 *   <li>a user namespace: root inside is nobody outside;
 *   <li>a cgroup namespace, and no view of the host's cgroups;
 *   <li>{@link SeccompProfile} in place of "everything but sync";
 *   <li>without a network namespace of its own it may not have a sysfs of its own either: it sees
 *       the processors, and nothing else of the host's;
 *   <li>more of {@code /proc} and {@code /sys} is masked;
 *   <li>limits on memory and processes, and the host's own processes survive longer when memory
 *       runs out.
 * </ul>
 */
final class OciHardening {
  /** Ids that a step may use, from 0. */
  static final int IDS = 65536;

  static final List<String> MORE_MASKED =
      List.of(
          "/proc/interrupts",
          "/proc/kmsg",
          "/proc/kallsyms",
          "/proc/modules",
          "/sys/devices/virtual/powercap",
          "/sys/kernel");

  private OciHardening() {}

  /**
   * What is decided outside the documented configuration.
   *
   * @param hostId the host's id for the step's id 0; empty where the container runs in a user
   *     namespace already, whose owner has no control groups
   * @param cgroup path below each cgroup hierarchy
   * @param architectures of the system call filter, the machine's own first
   */
  record Protection(
      OptionalInt hostId, String cgroup, List<String> architectures, SeccompProfile seccomp) {}

  /** The hardened configuration. */
  static Map<String, Object> harden(
      Map<String, Object> documented, Protection protection, SandboxOptions options) {
    Map<String, Object> config = new LinkedHashMap<>(documented);
    Map<String, Object> linux = copyOf(config, "linux");
    boolean ownNetwork = list(linux, "namespaces").contains(object("type", "network"));

    if (protection.hostId().isPresent()) {
      linux.put(
          "namespaces",
          with(list(linux, "namespaces"), object("type", "user"), object("type", "cgroup")));
      Object ids = object("containerID", 0, "hostID", protection.hostId().getAsInt(), "size", IDS);
      linux.put("uidMappings", List.of(ids));
      linux.put("gidMappings", List.of(ids));
      linux.put("cgroupsPath", protection.cgroup());
      linux.put("resources", resources(options));
    }
    linux.put("seccomp", protection.seccomp().toOci(protection.architectures()));
    linux.put("maskedPaths", with(list(linux, "maskedPaths"), MORE_MASKED.toArray()));
    config.put("linux", linux);
    config.put("mounts", mounts(list(config, "mounts"), ownNetwork));
    Map<String, Object> process = copyOf(config, "process");
    process.put("oomScoreAdj", 500);
    config.put("process", process);
    return config;
  }

  private static List<Object> mounts(List<Object> documented, boolean ownNetwork) {
    List<Object> mounts = new ArrayList<>();
    for (Object mount : documented) {
      String target = String.valueOf(((Map<?, ?>) mount).get("destination"));
      if (target.equals("/sys/fs/cgroup")) {
        continue;
      }
      if (target.equals("/sys") && !ownNetwork) {
        mounts.addAll(processorsOnly());
      } else {
        mounts.add(mount);
      }
    }
    return mounts;
  }

  private static List<Object> processorsOnly() {
    List<String> options = List.of("nosuid", "noexec", "nodev", "mode=755", "size=64k");
    String processors = "/sys/devices/system/cpu";
    return List.of(
        object("destination", "/sys", "type", "tmpfs", "source", "tmpfs", "options", options),
        object(
            "destination",
            processors,
            "type",
            "bind",
            "source",
            processors,
            "options",
            List.of("ro", "bind", "rprivate", "nosuid", "noexec", "nodev")));
  }

  private static Map<String, Object> resources(SandboxOptions options) {
    Map<String, Object> resources = new LinkedHashMap<>();
    options
        .memoryBytesMax()
        .ifPresent(bytes -> resources.put("memory", object("limit", bytes, "swap", bytes)));
    options.pidsMax().ifPresent(pids -> resources.put("pids", object("limit", pids)));
    return resources;
  }

  private static List<Object> with(List<Object> list, Object... more) {
    List<Object> longer = new ArrayList<>(list);
    longer.addAll(List.of(more));
    return longer;
  }

  private static Map<String, Object> copyOf(Map<String, Object> parent, String key) {
    Map<String, Object> copy = new LinkedHashMap<>();
    ((Map<?, ?>) parent.getOrDefault(key, Map.of()))
        .forEach((name, value) -> copy.put(String.valueOf(name), value));
    return copy;
  }

  private static List<Object> list(Map<String, Object> parent, String key) {
    return List.copyOf((List<?>) parent.getOrDefault(key, List.of()));
  }
}
