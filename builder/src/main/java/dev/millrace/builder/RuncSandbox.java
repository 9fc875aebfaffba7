package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
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
 * <p>Thread-safe. Layout of the run directory: one directory per open sandbox, with {@code lock}
 * (held while it is open), {@code state} (runc's) and one bundle per running step.
 */
public final class RuncSandbox implements Sandbox, AutoCloseable {
  /** Of the shell: what it was given could not be found. */
  private static final int EXIT_NOT_FOUND = 127;

  private static final int FAILED_TO_START = 125;
  private static final String GROUP_PARENT = "/millrace";
  private static final int VERSION_BYTES_MAX = 4096;
  private static final Pattern NOT_FOUND =
      Pattern.compile(
          "exec: .*(executable file not found|no such file or directory|permission denied)");

  private static final Set<PosixFilePermission> PASSABLE =
      PosixFilePermissions.fromString("rwx--x--x");

  private final OptionalInt hostIdBase;
  private final SandboxOptions options;
  private final Path directory;
  private final FileChannel lock;
  private final StepCgroups cgroups;
  private final String version;
  private final SeccompProfile seccomp;
  private final Machine machine;
  private final AtomicInteger counter = new AtomicInteger();

  private RuncSandbox(
      OptionalInt hostIdBase,
      SandboxOptions options,
      Path directory,
      FileChannel lock,
      StepCgroups cgroups,
      String version,
      Machine machine) {
    this.hostIdBase = hostIdBase;
    this.options = options;
    this.directory = directory;
    this.lock = lock;
    this.cgroups = cgroups;
    this.version = version;
    this.machine = machine;
    this.seccomp = SeccompProfile.standard(options.fastSync());
  }

  /** What the kernel of this machine is: name and numbers. */
  private record Machine(String name, List<String> seccompArchitectures, int mountCall) {
    static Machine current() {
      String name = System.getProperty("os.arch");
      return switch (name) {
        case "amd64" -> new Machine("x86_64", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86"), 165);
        case "aarch64" -> new Machine("aarch64", List.of("SCMP_ARCH_AARCH64"), 40);
        default ->
            throw new BuilderException(
                "Cannot run steps on architecture \"%s\": amd64 and aarch64 are supported"
                    .formatted(name),
                null);
      };
    }
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
    Files.createDirectories(options.runDirectory());
    Files.setPosixFilePermissions(options.runDirectory(), PASSABLE);
    removeLeftOvers(options.runDirectory(), cgroups);
    Path directory = Files.createTempDirectory(options.runDirectory(), "sandbox-");
    Files.setPosixFilePermissions(directory, PASSABLE);
    Files.createDirectory(directory.resolve("state"));
    FileChannel lock =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    lock.lock();
    return new RuncSandbox(
        hostIdBase, options, directory, lock, cgroups, version, Machine.current());
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

  private static void removeLeftOvers(Path runDirectory, StepCgroups cgroups) throws IOException {
    List<Path> others;
    try (var stream = Files.newDirectoryStream(runDirectory, "sandbox-*")) {
      others = new ArrayList<>();
      stream.forEach(others::add);
    }
    for (Path other : others) {
      if (isAbandoned(other)) {
        try (var bundles = Files.newDirectoryStream(other, "step-*")) {
          for (Path bundle : bundles) {
            cgroups.remove(group(bundle));
          }
        }
        HostFiles.deleteTree(other);
      }
    }
  }

  // Its owner holds the lock as long as it lives; a directory whose owner has not yet made the lock
  // file is left alone too.
  private static boolean isAbandoned(Path other) throws IOException {
    try (FileChannel channel = FileChannel.open(other.resolve("lock"), StandardOpenOption.WRITE)) {
      return channel.tryLock() != null;
    } catch (NoSuchFileException | java.nio.channels.OverlappingFileLockException e) {
      return false;
    }
  }

  private static String group(Path bundle) {
    return "%s/%s-%s"
        .formatted(
            GROUP_PARENT,
            bundle.getName(bundle.getNameCount() - 2).toString().substring("sandbox-".length()),
            bundle.getFileName());
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
    Path bundle = Files.createDirectory(directory.resolve("step-" + counter.getAndIncrement()));
    try {
      prepare(bundle, run);
      int exit = execute(bundle, run, input, output);
      return stepStatus(bundle, exit, output);
    } finally {
      cgroups.remove(group(bundle));
      HostFiles.deleteTree(directory.resolve("state").resolve(containerId(bundle)));
      HostFiles.deleteTree(bundle);
    }
  }

  private void prepare(Path bundle, Run run) throws IOException {
    Files.setPosixFilePermissions(bundle, PASSABLE);
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
    argv.add("unshare");
    if (hostIdBase.isEmpty()) {
      argv.addAll(List.of("--user", "--map-auto", "--map-root-user"));
    }
    argv.addAll(List.of("--mount", "--pid", "--fork", "--kill-child", "--mount-proc"));
    argv.addAll(List.of("--propagation", "private", "--"));
    argv.addAll(List.of("perl", "-e", SeccompProfile.resource("supervise.pl"), "--"));
    argv.addAll(List.of(directory.resolve("lock").toString(), bundle.toString()));
    argv.addAll(List.of(run.rootfs().toString(), Integer.toString(machine.mountCall())));
    argv.add(Integer.toString(hostIdBase.orElse(0) + run.user().uid()));
    argv.add(Integer.toString(hostIdBase.orElse(0) + run.user().gid()));
    argv.addAll(List.of("runc", "--root", directory.resolve("state").toString()));
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
    try {
      lock.close();
      HostFiles.deleteTree(directory);
      cgroups.removeIfEmpty(GROUP_PARENT);
    } catch (IOException e) {
      throw new BuilderException(
          "Cannot remove \"%s\": %s".formatted(directory, e.getMessage()), e);
    }
  }
}
