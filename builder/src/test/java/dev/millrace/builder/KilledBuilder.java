package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.TaskScope;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A builder in a process of its own, which {@link AfterKillIT} kills in the middle of a step:
 * {@code java KilledBuilder DIRECTORY}.
 */
final class KilledBuilder {
  /** Runs for longer than any test. */
  static final String SPEC =
      """
      ((from base)
       (run (shell "echo one > /a"))
       (run (cache (c (target /c))) (shell "echo two > /c/f; echo begun; sleep 1027")))
      """;

  private KilledBuilder() {}

  static void main(String[] arguments) throws IOException, InterruptedException {
    Path directory = Path.of(arguments[0]);
    StepTrees trees = StepTrees.ofThisUser();
    OwnedDirectory half =
        OwnedDirectory.create(
            Files.createDirectories(directory.resolve("fetch")), "bootstrap-", trees::delete);
    trees.createDirectory(half.path().resolve("root"), new User(100, 100), 0700);
    List<String> argv = new ArrayList<>(BootstrapFetcher.inNamespaces(half));
    argv.addAll(List.of("sh", "-c", "echo working; sleep 1027; true", half.path().toString()));
    CountDownLatch working = new CountDownLatch(1);
    try (TaskScope scope = TaskScope.open("base in the making");
        Workplace place = Workplace.open(directory)) {
      scope.fork(() -> Command.of(argv).run((_, _) -> working.countDown()));
      working.await();
      place.builder().build(Spec.parse(SPEC), BuildContext.of(directory), new Printing());
    }
  }

  /** Prints what steps print. */
  private static final class Printing implements BuildLog {
    @Override
    public void heading(String text) {}

    @Override
    public void note(String text) {}

    @Override
    public void output(byte[] buffer, int length) {
      System.out.write(buffer, 0, length);
      System.out.flush();
    }
  }

  /** All that {@code millrace local} opens to build. */
  record Workplace(Sandbox sandbox, Store store, Builder builder) implements AutoCloseable {
    static Workplace open(Path directory) throws IOException, InterruptedException {
      StepTrees trees = StepTrees.ofThisUser();
      Sandbox sandbox = openSandbox(directory);
      Store store = OverlayStore.open(directory.resolve("store"), trees);
      BootstrapFetcher.open(trees, directory.resolve("fetch"), Optional.empty());
      return new Workplace(
          sandbox,
          store,
          Builder.open(BuilderConfig.in(directory), store, sandbox, new HostPrograms(trees)));
    }

    static Sandbox openSandbox(Path directory) throws IOException, InterruptedException {
      SandboxOptions options = SandboxOptions.in(directory.resolve("run"));
      return UserIds.isRoot()
          ? RuncSandbox.open(StepTrees.HOST_ID_BASE, options)
          : BubblewrapSandbox.open(options);
    }

    @Override
    public void close() {
      builder.close();
      sandbox.close();
      store.close();
    }
  }

  /** What there is on this machine of a builder in a directory, beside its results. */
  static List<String> leftOvers(Path directory) throws IOException {
    List<String> found = new ArrayList<>();
    for (String folder : List.of("store/draft", "store/trash", "fetch")) {
      StoreFolders.children(directory.resolve(folder)).forEach(path -> found.add("" + path));
    }
    Mounts.below(directory.toRealPath()).forEach(point -> found.add("mount " + point));
    return found;
  }

  /** The control groups of steps. */
  static Set<String> groups() throws IOException {
    try (Stream<Path> all = Files.find(Path.of("/sys/fs/cgroup"), 3, (path, _) -> isStep(path))) {
      return all.map(Path::toString).collect(Collectors.toSet());
    }
  }

  private static boolean isStep(Path path) {
    return path.toString().contains("/millrace/sandbox-");
  }
}
