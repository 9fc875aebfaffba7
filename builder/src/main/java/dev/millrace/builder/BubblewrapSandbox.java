package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs steps with bubblewrap, for ordinary users: in a user namespace in which the user is root and
 * the user's subordinate ids are everyone else. A user without subordinate ids has root only; steps
 * of others are refused.
 *
 * <p>bubblewrap makes the box: namespaces, mounts, {@code /dev}. What it starts can gain no
 * privileges, not even by {@code sudo}, without which CI's steps do not work; so it starts a
 * placeholder without any, and {@code bubblewrap.pl} puts the step into the same box, with the
 * capabilities that {@link RuncSandbox} gives too for its bounds.
 *
 * <p>How a step ends for sure: as in {@link RuncSandbox}, with {@code bubblewrap.pl} as the first
 * process of its pid namespace, and {@code keep.pl} outside, which holds the output open until all
 * of the namespace is gone. Thread-safe.
 *
 * <p>Layout of the run directory: that of {@link RunDirectory}; a bundle has {@code hosts}, {@code
 * step} and secrets, and gets {@code log} and {@code status} (see {@code bubblewrap.pl}).
 */
public final class BubblewrapSandbox implements Sandbox {
  private static final int OUTPUT_BYTES_MAX = 4096;
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** Says that the box stands, then waits for the end of its input. */
  private static final List<String> PLACEHOLDER = List.of("/bin/sh", "-c", "echo; read -r x");

  /**
   * Names of the capabilities 0 to 31, in the kernel's order (capability.h); none beyond is given.
   */
  private static final List<String> KERNEL_CAPABILITIES =
      Stream.of(
              "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP"
                  .split(" "),
              "LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK"
                  .split(" "),
              "IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN".split(" "),
              "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE".split(" "),
              "AUDIT_WRITE AUDIT_CONTROL SETFCAP".split(" "))
          .flatMap(Stream::of)
          .map(name -> "CAP_" + name)
          .toList();

  private static final long CAPABILITIES =
      OciConfig.CAPABILITIES.stream()
          .mapToLong(name -> 1L << KERNEL_CAPABILITIES.indexOf(name))
          .sum();

  private final SubordinateIds subordinates;
  private final SandboxOptions options;
  private final RunDirectory directory;
  private final Path filter;
  private final String version;
  private final Machine machine;

  private BubblewrapSandbox(
      SubordinateIds subordinates,
      SandboxOptions options,
      RunDirectory directory,
      Path filter,
      String version,
      Machine machine) {
    this.subordinates = subordinates;
    this.options = options;
    this.directory = directory;
    this.filter = filter;
    this.version = version;
    this.machine = machine;
  }

  /**
   * Opens a sandbox for this user and removes what others left behind that were killed.
   *
   * @throws BuilderException if bubblewrap cannot be used, or the kernel allows no user namespaces
   */
  public static BubblewrapSandbox open(SandboxOptions options)
      throws IOException, InterruptedException {
    SubordinateIds subordinates = SubordinateIds.ofThisUser();
    String version;
    try {
      version = Command.of("bwrap", "--version").read(OUTPUT_BYTES_MAX).strip();
    } catch (ProcessException e) {
      throw new BuilderException(
          "Cannot use bubblewrap: %s; install it: apt-get install bubblewrap"
              .formatted(e.getMessage()),
          e);
    }
    UserNamespace.require(subordinates);
    Machine machine = Machine.current();
    RunDirectory directory = RunDirectory.open(options.runDirectory(), RunDirectory::awaitEnd);
    Path filter = directory.path().resolve("filter");
    Files.write(
        filter,
        SeccompProgram.compile(
            SeccompProfile.standard(options.fastSync()), machine.programArchitectures()));
    return new BubblewrapSandbox(subordinates, options, directory, filter, version, machine);
  }

  @Override
  public String describe() {
    return version
        + ", without root: user namespace, system call allow-list, own /dev, no network unless"
        + " asked; no limits on memory and processes"
        + (subordinates.granted() ? "" : "; no subordinate ids, so steps run as root only");
  }

  @Override
  public Optional<String> refusal(User user) {
    return subordinates.granted() || user.equals(User.ROOT)
        ? Optional.empty()
        : Optional.of(
            "There is root only, as %s has no range in /etc/subuid and /etc/subgid; as root: %s"
                .formatted(subordinates.user(), subordinates.remedy()));
  }

  @Override
  public int run(Run run, Command.Input input, Command.Output output)
      throws IOException, InterruptedException {
    Optional<String> refusal = refusal(run.user());
    if (refusal.isPresent()) {
      throw new BuilderException(
          "Cannot run a step as user %d: %s".formatted(run.user().uid(), refusal.get()), null);
    }
    Path bundle = directory.newBundle();
    try {
      List<Bind> binds = prepare(bundle, run);
      int exit = execute(bundle, run, binds, input, output);
      return stepStatus(bundle, exit);
    } finally {
      HostFiles.deleteTree(bundle);
    }
  }

  /** What is mounted inside, beside the root: a host path, where, and how. */
  private record Bind(Path source, String target, boolean readOnly) {}

  private static List<Bind> prepare(Path bundle, Run run) throws IOException {
    writeStep(bundle.resolve("step"), run);
    List<Bind> binds = new ArrayList<>();
    Path hosts = bundle.resolve("hosts");
    Files.writeString(hosts, "127.0.0.1 localhost builder\n");
    binds.add(new Bind(hosts, "/etc/hosts", true));
    if (run.network()) {
      binds.add(new Bind(Path.of("/etc/resolv.conf"), "/etc/resolv.conf", true));
    }
    for (int i = 0; i < run.secrets().size(); i++) {
      Path secret = bundle.resolve("secret-" + i);
      HostFiles.writeSecret(secret, run.secrets().get(i).value());
      binds.add(new Bind(secret, run.secrets().get(i).target(), true));
    }
    for (Mount mount : run.mounts()) {
      binds.add(new Bind(mount.source(), mount.target(), mount.readOnly()));
    }
    return binds;
  }

  /** In a file, as everybody sees a process's arguments. */
  private static void writeStep(Path file, Run run) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(run.directory());
    words.add(Integer.toString(run.environment().size()));
    run.environment().forEach(variable -> words.add(variable.name() + "=" + variable.value()));
    words.addAll(run.argv());
    if (words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
      throw new BuilderException(
          "Cannot run a step with a zero byte in its command, directory or environment", null);
    }
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, String.join("\0", words) + "\0");
  }

  private int execute(
      Path bundle, Run run, List<Bind> binds, Command.Input input, Command.Output output)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>();
    argv.addAll(List.of("perl", "-e", SeccompProfile.resource("keep.pl"), "--"));
    argv.add(Integer.toString(machine.prctlCall()));
    argv.add(RunDirectory.aliveFile(bundle).toString());
    argv.addAll(List.of("prlimit", "--nofile=%1$d:%1$d".formatted(options.openFilesMax())));
    List<String> sources = new ArrayList<>(List.of(run.rootfs().toString()));
    binds.forEach(bind -> sources.add(bind.source().toString()));
    argv.addAll(UserNamespace.enter(subordinates, sources));
    argv.addAll(List.of("unshare", "--mount", "--propagation", "slave"));
    argv.addAll(List.of("--pid", "--fork", "--kill-child", "--mount-proc", "--"));
    argv.addAll(List.of("perl", "-e", SeccompProfile.resource("bubblewrap.pl"), "--"));
    argv.addAll(List.of(directory.lockFile().toString(), bundle.toString()));
    Stream.of(machine.mountCall(), machine.prctlCall(), machine.setnsCall())
        .forEach(call -> argv.add(Integer.toString(call)));
    argv.add(Integer.toString(run.user().uid()));
    argv.add(Integer.toString(run.user().gid()));
    argv.add(Long.toString(CAPABILITIES));
    argv.add(subordinates.granted() ? "yes" : "no");
    argv.add(filter.toString());
    argv.add(Integer.toString(sources.size()));
    sources.forEach(source -> argv.add(UserMounts.inside(source)));
    binds.forEach(bind -> argv.add(bind.target()));
    argv.addAll(bubblewrap(run, binds));
    Command command =
        Command.of(argv)
            .in(bundle)
            .withEnvironment(Map.of("PATH", PATH, "LC_ALL", "C"))
            .withInput(input);
    if (run.timeLimit().isPresent()) {
      command = command.withTimeLimit(run.timeLimit().get());
    }
    try {
      return command.run(output);
    } catch (ProcessException e) {
      if (e.isTimeLimit()) {
        throw new LimitExceededException(
            "The step exceeded its time limit of %d s and was ended"
                .formatted(run.timeLimit().orElseThrow().toSeconds()));
      }
      throw new BuilderException("Cannot run a step: " + e.getMessage(), e);
    }
  }

  private static List<String> bubblewrap(Run run, List<Bind> binds) {
    // It inherits what it needs, and the placeholder gets nothing: its image's root has no bounds.
    List<String> argv = new ArrayList<>(List.of("setpriv", "--inh-caps", "+all", "--"));
    argv.addAll(List.of("setpriv", "--bounding-set", "-all", "--"));
    argv.addAll(List.of("bwrap", "--seccomp", "FILTER"));
    argv.addAll(List.of("--info-fd", "INFO", "--die-with-parent", "--clearenv"));
    argv.addAll(List.of("--unshare-ipc", "--unshare-pid", "--unshare-uts"));
    argv.addAll(List.of("--unshare-cgroup-try", "--hostname", "builder"));
    if (!run.network()) {
      argv.add("--unshare-net");
    }
    argv.addAll(List.of("--cap-drop", "ALL"));
    argv.addAll(List.of("--bind", "/tmp/0", "/", "--proc", "/proc", "--dev", "/dev"));
    argv.addAll(List.of("--perms", "1777", "--tmpfs", "/dev/shm", "--mqueue", "/dev/mqueue"));
    argv.addAll(List.of("--tmpfs", "/sys"));
    argv.addAll(List.of("--ro-bind", "/sys/devices/system/cpu", "/sys/devices/system/cpu"));
    Stream.concat(OciConfig.MASKED.stream(), OciHardening.MORE_MASKED.stream())
        .filter(path -> path.startsWith("/proc/"))
        .forEach(path -> argv.addAll(mask(path)));
    for (int i = 0; i < binds.size(); i++) {
      argv.add(binds.get(i).readOnly() ? "--ro-bind" : "--bind");
      argv.addAll(List.of("/tmp/" + (i + 1), "TARGET" + (i + 1)));
    }
    argv.addAll(List.of("--chdir", "/", "--"));
    argv.addAll(PLACEHOLDER);
    return argv;
  }

  private static List<String> mask(String path) {
    if (Files.isDirectory(Path.of(path))) {
      return List.of("--tmpfs", path);
    }
    return Files.exists(Path.of(path)) ? List.of("--ro-bind", "/dev/null", path) : List.of();
  }

  private static int stepStatus(Path bundle, int exit) throws IOException {
    Path status = bundle.resolve("status");
    if (Files.exists(status) && Files.size(status) > 0) {
      return Integer.parseInt(Files.readString(status).strip());
    }
    Path log = bundle.resolve("log");
    String complaint =
        Files.exists(log)
            ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8).strip()
            : "";
    throw new BuilderException(
        "Cannot run a step in bubblewrap: %s"
            .formatted(complaint.isEmpty() ? Command.describe(exit) : complaint),
        null);
  }

  /** Removes what the sandbox keeps on the host. No step may be running. */
  @Override
  public void close() {
    directory.close();
  }
}
