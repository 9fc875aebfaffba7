package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs steps with bubblewrap, for ordinary users: in a user namespace in which the user is root and
 * the user's subordinate ids are everyone else.
 *
 * <p>bubblewrap lets nothing gain privileges: set-uid programs, so also {@code sudo}, do not work
 * in its steps. {@link RuncSandbox#openRootless} has no such limit. A user without subordinate ids
 * has root only; steps of others are refused.
 *
 * <p>How a step ends for sure: as in {@link RuncSandbox}, with {@code bubblewrap.pl} as the first
 * process of its pid namespace, and {@code keep.pl} outside, which holds the output open until all
 * of the namespace is gone. Thread-safe.
 */
public final class BubblewrapSandbox implements Sandbox, AutoCloseable {
  private static final int EXIT_NOT_FOUND = 127;
  private static final int VERSION_BYTES_MAX = 4096;

  /** bubblewrap's own complaints are one line. */
  private static final int COMPLAINT_BYTES_MAX = 1024;

  private final boolean subordinates;
  private final RunDirectory directory;
  private final Path filter;
  private final String version;
  private final Machine machine;

  private BubblewrapSandbox(
      boolean subordinates, RunDirectory directory, Path filter, String version, Machine machine) {
    this.subordinates = subordinates;
    this.directory = directory;
    this.filter = filter;
    this.version = version;
    this.machine = machine;
  }

  /**
   * Opens a sandbox and removes what others left behind that were killed.
   *
   * @param subordinates whether the user has subordinate ids, and the trees' files belong to them
   * @throws BuilderException if bubblewrap cannot be used
   */
  public static BubblewrapSandbox open(SandboxOptions options, boolean subordinates)
      throws IOException, InterruptedException {
    String version;
    try {
      version = Command.of("bwrap", "--version").read(VERSION_BYTES_MAX).strip();
    } catch (ProcessException e) {
      throw new BuilderException(
          "Cannot use bubblewrap: %s; install it: apt-get install bubblewrap"
              .formatted(e.getMessage()),
          e);
    }
    Machine machine = Machine.current();
    RunDirectory directory = RunDirectory.open(options.runDirectory(), _ -> {});
    Path filter = directory.path().resolve("filter");
    Files.write(
        filter,
        SeccompProgram.compile(
            SeccompProfile.standard(options.fastSync()), machine.programArchitectures()));
    return new BubblewrapSandbox(subordinates, directory, filter, version, machine);
  }

  @Override
  public String describe() {
    return version
        + ", without root: user namespace, system call allow-list, own /dev, no network unless"
        + " asked; no sudo, no limits on memory and processes"
        + (subordinates ? "" : "; no subordinate ids, so steps run as root only");
  }

  @Override
  public int run(Run run, Command.Input input, Command.Output output)
      throws IOException, InterruptedException {
    if (!subordinates && !run.user().equals(User.ROOT)) {
      throw new BuilderException(
          "Cannot run a step as user %d: without subordinate ids there is only root; ask the administrator for a range: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 YOU"
              .formatted(run.user().uid()),
          null);
    }
    Path bundle = directory.newBundle();
    try {
      return execute(bundle, run, input, output);
    } finally {
      HostFiles.deleteTree(bundle);
    }
  }

  /** What is mounted inside, beside the root: a host path, where, and how. */
  private record Bind(Path source, String target, boolean readOnly) {}

  private static List<Bind> binds(Path bundle, Run run) throws IOException {
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

  private int execute(Path bundle, Run run, Command.Input input, Command.Output output)
      throws IOException, InterruptedException {
    List<Bind> binds = binds(bundle, run);
    List<String> argv = new ArrayList<>();
    argv.addAll(List.of("perl", "-e", SeccompProfile.resource("keep.pl"), "--"));
    argv.add(Integer.toString(machine.prctlCall()));
    argv.addAll(List.of("unshare", "--user"));
    if (subordinates) {
      argv.add("--map-auto");
    }
    argv.addAll(List.of("--map-root-user", "--mount", "--propagation", "private"));
    argv.addAll(List.of("--pid", "--fork", "--kill-child", "--mount-proc", "--"));
    argv.addAll(List.of("perl", "-e", SeccompProfile.resource("bubblewrap.pl"), "--"));
    argv.add(directory.lockFile().toString());
    argv.add(Integer.toString(machine.mountCall()));
    argv.add(Integer.toString(run.user().uid()));
    argv.add(Integer.toString(run.user().gid()));
    argv.addAll(List.of(filter.toString(), run.directory()));
    argv.add(Integer.toString(1 + binds.size()));
    argv.add(run.rootfs().toString());
    binds.forEach(bind -> argv.add(bind.source().toString()));
    binds.forEach(bind -> argv.add(bind.target()));
    argv.addAll(bubblewrap(run, binds));
    Command command = Command.of(argv).in(bundle).withInput(input);
    if (run.timeLimit().isPresent()) {
      command = command.withTimeLimit(run.timeLimit().get());
    }
    Complaint complaint = new Complaint(output);
    try {
      return complaint.judge(command.run(complaint));
    } catch (ProcessException e) {
      if (e.isTimeLimit()) {
        throw new LimitExceededException(
            "The step exceeded its time limit of %d s and was ended"
                .formatted(run.timeLimit().orElseThrow().toSeconds()));
      }
      throw new BuilderException("Cannot run a step: " + e.getMessage(), e);
    }
  }

  private List<String> bubblewrap(Run run, List<Bind> binds) throws IOException {
    List<String> argv = new ArrayList<>(List.of("bwrap", "--seccomp", "FILTER"));
    argv.addAll(List.of("--unshare-ipc", "--unshare-pid", "--unshare-uts"));
    argv.addAll(List.of("--unshare-cgroup-try", "--hostname", "builder", "--die-with-parent"));
    if (!run.network()) {
      argv.add("--unshare-net");
    }
    if (run.user().equals(User.ROOT)) {
      OciConfig.CAPABILITIES.forEach(capability -> argv.addAll(List.of("--cap-add", capability)));
    } else {
      argv.addAll(List.of("--unshare-user", "--uid", Integer.toString(run.user().uid())));
      argv.addAll(List.of("--gid", Integer.toString(run.user().gid())));
    }
    argv.addAll(List.of("--bind", "/tmp/0", "/", "--proc", "/proc", "--dev", "/dev"));
    argv.addAll(List.of("--perms", "1777", "--tmpfs", "/dev/shm", "--mqueue", "/dev/mqueue"));
    argv.addAll(List.of("--tmpfs", "/sys"));
    argv.addAll(List.of("--ro-bind", "/sys/devices/system/cpu", "/sys/devices/system/cpu"));
    for (String masked : OciConfig.MASKED) {
      if (masked.startsWith("/proc/") && Files.isRegularFile(Path.of(masked))) {
        argv.addAll(List.of("--ro-bind", "/dev/null", masked));
      }
    }
    for (int i = 0; i < binds.size(); i++) {
      argv.add(binds.get(i).readOnly() ? "--ro-bind" : "--bind");
      argv.addAll(List.of("/tmp/" + (i + 1), binds.get(i).target()));
    }
    argv.addAll(List.of("--clearenv"));
    for (Variable variable : run.environment()) {
      argv.addAll(List.of("--setenv", variable.name(), variable.value()));
    }
    argv.addAll(List.of("--chdir", run.directory(), "--"));
    argv.addAll(run.argv());
    return argv;
  }

  /** Passes output on, and knows afterwards whether all of it was bubblewrap's own complaint. */
  private static final class Complaint implements Command.Output {
    private final Command.Output next;
    private final ByteArrayOutputStream first = new ByteArrayOutputStream();

    Complaint(Command.Output next) {
      this.next = next;
    }

    @Override
    public void write(byte[] buffer, int length) throws IOException {
      first.write(buffer, 0, Math.clamp(COMPLAINT_BYTES_MAX - first.size(), 0, length));
      next.write(buffer, length);
    }

    int judge(int status) {
      String text = first.toString(StandardCharsets.UTF_8).strip();
      boolean complains = status != 0 && text.startsWith("bwrap: ") && text.indexOf('\n') < 0;
      if (complains && text.startsWith("bwrap: execvp ")) {
        return EXIT_NOT_FOUND;
      }
      if (complains) {
        throw new BuilderException("Cannot run a step in bubblewrap: " + text, null);
      }
      return status;
    }
  }

  /** Removes what the sandbox keeps on the host. No step may be running. */
  @Override
  public void close() {
    directory.close();
  }
}
