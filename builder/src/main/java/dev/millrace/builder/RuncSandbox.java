package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs steps with runc, as root: each in a container with a user namespace, a system call filter,
 * its own {@code /dev} and, unless it asks for the network, none.
 *
 * <p>How a step ends for sure: runc and the container live in a pid namespace of their own, whose
 * first process ({@code supervise.pl}) waits for the container. Whatever kills that process - our
 * killing its process group, its own end, the end of this process, for which it watches a lock -
 * the kernel kills all of them. What is left is files and control groups, which {@link #run}
 * removes, and after a crash the next {@link #open}.
 *
 * <p>Thread-safe. Layout of the run directory: that of {@link RunDirectory}, with {@code state}
 * (runc's) beside the bundles.
 */
public final class RuncSandbox implements Sandbox {
  /** Of the shell: what it was given could not be found. */
  private static final int EXIT_NOT_FOUND = 127;

  private static final int FAILED_TO_START = 125;
  private static final String GROUP_PARENT = "/millrace";
  private static final int VERSION_BYTES_MAX = 4096;
  private static final Pattern NOT_FOUND =
      Pattern.compile(
          "exec: .*(executable file not found|no such file or directory|permission denied)");

  private final OptionalInt hostIdBase;
  private final SandboxOptions options;
  private final RunDirectory directory;
  private final StepCgroups cgroups;
  private final String version;
  private final SeccompProfile seccomp;
  private final Machine machine;

  private RuncSandbox(
      OptionalInt hostIdBase,
      SandboxOptions options,
      RunDirectory directory,
      StepCgroups cgroups,
      String version,
      Machine machine) {
    this.hostIdBase = hostIdBase;
    this.options = options;
    this.directory = directory;
    this.cgroups = cgroups;
    this.version = version;
    this.machine = machine;
    this.seccomp = SeccompProfile.standard(options.fastSync());
  }

  /**
   * Opens a sandbox for root and removes what others left behind that were killed.
   *
   * @param hostIdBase the host's id for a step's id 0; 65536 ids follow
   * @throws BuilderException if runc cannot be used
   */
  public static RuncSandbox open(int hostIdBase, SandboxOptions options)
      throws IOException, InterruptedException {
    return open(OptionalInt.of(hostIdBase), options);
  }

  /**
   * Opens a sandbox for an ordinary user with a range of subordinate ids, to which the trees' files
   * belong. It cannot limit memory and processes: the user has no control groups.
   *
   * @throws BuilderException if runc cannot be used
   */
  public static RuncSandbox openRootless(SandboxOptions options)
      throws IOException, InterruptedException {
    return open(OptionalInt.empty(), options);
  }

  private static RuncSandbox open(OptionalInt hostIdBase, SandboxOptions options)
      throws IOException, InterruptedException {
    String version = version();
    StepCgroups cgroups = StepCgroups.find();
    if (hostIdBase.isPresent()) {
      RunDirectory.requireReachable(options.runDirectory());
    }
    RunDirectory directory =
        RunDirectory.open(
            options.runDirectory(),
            bundle -> {
              RunDirectory.awaitEnd(bundle);
              cgroups.remove(group(bundle));
            });
    Files.createDirectory(directory.path().resolve("state"));
    return new RuncSandbox(hostIdBase, options, directory, cgroups, version, Machine.current());
  }

  private static String version() throws IOException, InterruptedException {
    try {
      return Command.of("runc", "--version")
          .read(VERSION_BYTES_MAX)
          .lines()
          .findFirst()
          .orElse("runc");
    } catch (ProcessException e) {
      throw new BuilderException(
          "Cannot use runc: %s; install it: apt-get install runc".formatted(e.getMessage()), e);
    }
  }

  private static String group(Path bundle) {
    return "%s/%s-%s"
        .formatted(GROUP_PARENT, bundle.getName(bundle.getNameCount() - 2), bundle.getFileName());
  }

  @Override
  public String describe() {
    if (hostIdBase.isEmpty()) {
      return version
          + ", without root: user namespace, system call allow-list, own /dev, no network unless"
          + " asked; no limits on memory and processes";
    }
    return "%s: user namespace, system call allow-list, own /dev, no network unless asked%s%s"
        .formatted(
            version,
            options.pidsMax().isPresent()
                ? ", at most %d processes".formatted(options.pidsMax().getAsInt())
                : "",
            options.memoryBytesMax().isPresent()
                ? ", at most %d MiB of memory".formatted(options.memoryBytesMax().getAsLong() >> 20)
                : "");
  }

  @Override
  public int run(Run run, Command.Input input, Command.Output output)
      throws IOException, InterruptedException {
    Path bundle = directory.newBundle();
    try {
      prepare(bundle, run);
      int exit = execute(bundle, run, input, output);
      return stepStatus(bundle, exit, output);
    } finally {
      cgroups.remove(group(bundle));
      HostFiles.deleteTree(directory.path().resolve("state").resolve(containerId(bundle)));
      HostFiles.deleteTree(bundle);
    }
  }

  private void prepare(Path bundle, Run run) throws IOException {
    Files.createDirectory(bundle.resolve("rootfs"));
    Files.writeString(bundle.resolve("hosts"), "127.0.0.1 localhost builder\n");
    for (int i = 0; i < run.secrets().size(); i++) {
      HostFiles.writeSecret(bundle.resolve("secret-" + i), run.secrets().get(i).value());
    }
    Map<String, Object> documented =
        OciConfig.documented(
            run,
            new OciConfig.Surroundings(
                bundle.resolve("rootfs").toString(), bundle.toString(), machine.name(), options));
    Map<String, Object> hardened =
        OciHardening.harden(
            documented,
            new OciHardening.Protection(
                hostIdBase, group(bundle), machine.seccompArchitectures(), seccomp),
            options);
    Files.write(bundle.resolve("config.json"), OciConfig.encode(hardened));
  }

  private int execute(Path bundle, Run run, Command.Input input, Command.Output output)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>();
    if (hostIdBase.isEmpty()) {
      argv.addAll(List.of("perl", "-e", SeccompProfile.resource("keep.pl"), "--"));
      argv.add(Integer.toString(machine.prctlCall()));
      argv.add(RunDirectory.aliveFile(bundle).toString());
    }
    argv.add("unshare");
    if (hostIdBase.isEmpty()) {
      argv.addAll(List.of("--user", "--map-auto", "--map-root-user"));
    }
    argv.addAll(List.of("--mount", "--pid", "--fork", "--kill-child", "--mount-proc"));
    argv.addAll(List.of("--propagation", "private", "--"));
    argv.addAll(List.of("perl", "-e", SeccompProfile.resource("supervise.pl"), "--"));
    argv.addAll(List.of(directory.lockFile().toString(), bundle.toString()));
    argv.addAll(List.of(run.rootfs().toString(), Integer.toString(machine.mountCall())));
    argv.add(Integer.toString(hostIdBase.orElse(0) + run.user().uid()));
    argv.add(Integer.toString(hostIdBase.orElse(0) + run.user().gid()));
    argv.addAll(List.of("runc", "--root", directory.path().resolve("state").toString()));
    argv.addAll(List.of("--log", bundle.resolve("log").toString(), "run", "--detach"));
    argv.addAll(List.of("--bundle", bundle.toString()));
    argv.addAll(List.of("--pid-file", bundle.resolve("pid").toString(), containerId(bundle)));
    Command command =
        Command.of(argv).in(bundle).withEnvironment(runtimeEnvironment()).withInput(input);
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

  private static Map<String, String> runtimeEnvironment() {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("LC_ALL", "C");
    return environment;
  }

  private static String containerId(Path bundle) {
    return String.valueOf(bundle.getFileName());
  }

  private int stepStatus(Path bundle, int exit, Command.Output output) throws IOException {
    Optional<String> waited = read(bundle.resolve("status"));
    if (waited.isEmpty()) {
      return notStarted(bundle, exit, output);
    }
    int status = Integer.parseInt(waited.get().strip());
    int code = (status & 127) == 0 ? status >> 8 : 128 + (status & 127);
    if (code != 0
        && options.memoryBytesMax().isPresent()
        && cgroups.ranOutOfMemory(group(bundle))) {
      throw new LimitExceededException(
          "The step exceeded its memory limit of %d MiB and was ended"
              .formatted(options.memoryBytesMax().getAsLong() >> 20));
    }
    if (code != 0 && options.pidsMax().isPresent() && cgroups.ranOutOfProcesses(group(bundle))) {
      throw new LimitExceededException(
          "The step failed after it exceeded its limit of %d processes"
              .formatted(options.pidsMax().getAsInt()));
    }
    return code;
  }

  private static int notStarted(Path bundle, int exit, Command.Output output) throws IOException {
    String log = read(bundle.resolve("log")).orElse("");
    Matcher matcher = NOT_FOUND.matcher(log);
    if (matcher.find()) {
      byte[] message =
          (log.contains("exec: ")
                  ? log.substring(log.indexOf("exec: ")).replace("\\\"", "\"").strip()
                  : log)
              .getBytes(StandardCharsets.UTF_8);
      output.write(message, message.length);
      return EXIT_NOT_FOUND;
    }
    throw new BuilderException(
        "Cannot run a step in a container: %s%s"
            .formatted(
                exit == FAILED_TO_START ? "runc failed" : Command.describe(exit),
                log.isBlank() ? "" : ": " + log.strip()),
        null);
  }

  private static Optional<String> read(Path file) throws IOException {
    return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  /** Removes what the sandbox keeps on the host. No step may be running. */
  @Override
  public void close() {
    directory.close();
    cgroups.removeIfEmpty(GROUP_PARENT);
  }
}
