package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.Secret;
import dev.millrace.sexp.Sexp;
import dev.millrace.spec.Account;
import dev.millrace.spec.Mounted;
import dev.millrace.spec.Op;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One build of a spec, from its first step to its last. Holds leases on all that it stands on until
 * it is closed. Owned by the client's thread.
 */
final class SpecBuild implements AutoCloseable {
  private static final List<Sandbox.Variable> COPY_ENVIRONMENT =
      List.of(new Sandbox.Variable("PATH", "/bin:/usr/bin"));

  private final Tools tools;
  private final BuildContext context;
  private final BuildLog log;
  private final Deque<SnapshotId> leased = new ArrayDeque<>();

  SpecBuild(Tools tools, BuildContext context, BuildLog log) {
    this.tools = tools;
    this.context = context;
    this.log = log;
  }

  /** What a build works with. */
  record Tools(
      StepEngine engine,
      Store store,
      Sandbox sandbox,
      Fetcher fetcher,
      StepIds ids,
      Optional<Duration> stepTimeLimit) {
    Tools withStepTimeLimit(Duration limit) {
      return new Tools(engine, store, sandbox, fetcher, ids, Optional.of(limit));
    }
  }

  /** Builds a stage and returns its last snapshot. */
  SnapshotId build(Spec spec, Map<String, SnapshotId> enclosing)
      throws StepFailedException, IOException, InterruptedException {
    Map<String, SnapshotId> scope = new HashMap<>(enclosing);
    for (Spec.Child child : spec.children()) {
      String name = Sexp.quote(child.name());
      log.heading("(build %s ...)".formatted(name));
      scope.put(child.name(), build(child.spec(), scope));
      log.note("--> finished " + name);
    }
    SnapshotId id = importBase(spec.from());
    List<Sandbox.Variable> environment = new ArrayList<>(context.environment());
    environment.addAll(BaseEnvironment.read(tools.store().sideDirectory(id)));
    StepState state = new StepState(environment, Account.ROOT, "/", tools.sandbox().shell());
    for (Op op : spec.ops()) {
      String place = state.workdir() + ": ";
      log.heading(place + op.render(place.length()));
      switch (op) {
        case Op.Comment _ -> {
          // For people only.
        }
        case Op.Workdir(String directory) -> state = state.withWorkdir(directory);
        case Op.Shell(List<String> argv) -> state = state.withShell(argv);
        case Op.Env(String name, String value) -> state = state.withVariable(name, value);
        case Op.User(Account account) -> state = state.withUser(account);
        case Op.Run run -> id = run(id, state, run);
        case Op.Copy copy -> id = copy(id, state, copy, scope);
      }
    }
    return id;
  }

  private SnapshotId importBase(String from)
      throws StepFailedException, IOException, InterruptedException {
    log.heading("(from %s)".formatted(Sexp.atom(from).renderSpaced(6)));
    SnapshotId id = tools.ids().base(from);
    return perform(
        id,
        Optional.empty(),
        (draft, stepLog) -> {
          List<Sandbox.Variable> environment =
              tools.fetcher().fetch(from, draft.rootfs(), new FetchLog(stepLog));
          BaseEnvironment.write(environment, draft.sideDirectory());
          StepState state = new StepState(environment, Account.ROOT, "/", tools.sandbox().shell());
          record("(from %s)".formatted(from), state, User.ROOT, false, List.of(), draft);
        });
  }

  private SnapshotId run(SnapshotId base, StepState state, Op.Run run)
      throws StepFailedException, IOException, InterruptedException {
    User user = user(state.user());
    boolean network = network(run.network());
    List<StepIds.MountedSecret> secrets = secrets(run.secrets());
    SnapshotId id =
        tools
            .ids()
            .run(
                base,
                state.workdir(),
                state.user(),
                state.environment(),
                run.shell(),
                state.shell(),
                run.network(),
                secrets);
    List<String> argv = new ArrayList<>(state.shell());
    argv.add(run.shell());
    return perform(
        id,
        Optional.of(base),
        (draft, stepLog) -> {
          record(run.render(0), state, user, network, run.caches(), draft);
          SecretMask output =
              new SecretMask(
                  secrets.stream().map(StepIds.MountedSecret::value).toList(), stepLog::write);
          try (CacheMounts caches = CacheMounts.open(tools.store(), run.caches(), user)) {
            Sandbox.Run command =
                new Sandbox.Run(
                    draft.rootfs(),
                    argv,
                    state.workdir(),
                    state.environment(),
                    user,
                    network,
                    caches.mounts(),
                    secrets.stream()
                        .map(s -> new Sandbox.SecretFile(s.value(), s.target()))
                        .toList(),
                    tools.stepTimeLimit());
            execute(command, _ -> {}, output);
          } finally {
            output.finish();
          }
        });
  }

  private SnapshotId copy(
      SnapshotId base, StepState state, Op.Copy copy, Map<String, SnapshotId> scope)
      throws StepFailedException, IOException, InterruptedException {
    User user = user(state.user());
    String destination = state.destination(copy.dst());
    Optional<SnapshotId> source = source(copy, scope);
    CopyPlan plan;
    try (Sources sources = open(source)) {
      plan = plan(tree(sources, copy), copy.src(), destination);
    }
    SnapshotId id = tools.ids().copy(base, state.user(), plan);
    return perform(
        id,
        Optional.of(base),
        (draft, stepLog) -> {
          record(copy.render(0), state, user, false, List.of(), draft);
          Sandbox.Run command =
              new Sandbox.Run(
                  draft.rootfs(),
                  List.of("tar", "-xf", "-"),
                  "/",
                  COPY_ENVIRONMENT,
                  User.ROOT,
                  false,
                  List.of(),
                  List.of(),
                  tools.stepTimeLimit());
          // Opened anew: who began the step may leave while others still wait for it.
          try (Sources sources = open(source)) {
            CopyTransfer transfer =
                new CopyTransfer(tree(sources, copy), plan, user, draft.rootfs());
            execute(command, transfer, stepLog::write);
          }
        });
  }

  private static SourceTree tree(Sources sources, Op.Copy copy) {
    return new SourceTree(sources.root(), Set.copyOf(new HashSet<>(copy.exclude())));
  }

  private static Optional<SnapshotId> source(Op.Copy copy, Map<String, SnapshotId> scope)
      throws StepFailedException {
    if (copy.source().isEmpty()) {
      return Optional.empty();
    }
    SnapshotId source = scope.get(copy.source().get());
    if (source == null) {
      throw new StepFailedException("Unknown build " + Sexp.quote(copy.source().get()));
    }
    return Optional.of(source);
  }

  /** What a copy copies from. */
  private interface Sources extends AutoCloseable {
    Path root();

    @Override
    void close();
  }

  /** The build's context. */
  private record ContextSources(Path root) implements Sources {
    @Override
    public void close() {}
  }

  /** Another build's result, which is kept meanwhile. */
  private record ResultSources(Store.View view, StepEngine engine, SnapshotId id)
      implements Sources {
    @Override
    public Path root() {
      return view.rootfs();
    }

    @Override
    public void close() {
      view.close();
      engine.unlease(id);
    }
  }

  private Sources open(Optional<SnapshotId> source) throws IOException, InterruptedException {
    if (source.isEmpty()) {
      return new ContextSources(context.sources());
    }
    SnapshotId id = source.get();
    tools.engine().lease(id);
    try {
      return new ResultSources(tools.store().open(id), tools.engine(), id);
    } catch (IOException | InterruptedException | BuilderException e) {
      tools.engine().unlease(id);
      throw e;
    }
  }

  private static CopyPlan plan(SourceTree tree, List<String> sources, String destination)
      throws IOException, StepFailedException {
    if (sources.isEmpty()) {
      throw new StepFailedException("No source items for copy!");
    }
    boolean into = destination.endsWith("/");
    if (!into && sources.size() > 1) {
      throw new StepFailedException(
          "When copying multiple items, the destination must end with '/'");
    }
    List<Manifest> manifests = new ArrayList<>();
    for (String source : sources) {
      manifests.add(tree.manifest(source));
    }
    return new CopyPlan(manifests, destination, into);
  }

  private void execute(Sandbox.Run command, Command.Input input, Command.Output output)
      throws StepFailedException, IOException, InterruptedException {
    int status;
    try {
      status = tools.sandbox().run(command, input, output);
    } catch (StepLog.TooLongException e) {
      throw new StepFailedException("The step was stopped: " + e.getMessage());
    } catch (LimitExceededException e) {
      throw new StepFailedException(String.valueOf(e.getMessage()));
    }
    if (status != 0) {
      throw new StepFailedException(
          "%s failed with exit status %d"
              .formatted(
                  command.argv().stream().map(Sexp::quote).collect(Collectors.joining(" ")),
                  status));
    }
  }

  private SnapshotId perform(SnapshotId id, Optional<SnapshotId> base, StepEngine.Work work)
      throws StepFailedException, InterruptedException {
    tools.engine().lease(id);
    leased.push(id);
    if (tools.engine().perform(id, base, log, work) instanceof StepEngine.Outcome.Failed failed) {
      throw new StepFailedException(failed.message());
    }
    return id;
  }

  private static void record(
      String operation,
      StepState state,
      User user,
      boolean network,
      List<Mounted> caches,
      Store.Draft draft)
      throws IOException {
    new StepRecord(
            operation,
            new StepRecord.Situation(
                state.environment(), user, state.workdir(), state.shell(), network),
            StepRecord.Cache.of(caches))
        .write(draft.sideDirectory());
  }

  private static User user(Account account) throws StepFailedException {
    return switch (account) {
      case Account.Unix(int uid, int gid) -> {
        if (uid < 0 || uid > 65535 || gid < 0 || gid > 65535) {
          throw new StepFailedException(
              "Cannot run as user %d of group %d: expected numbers from 0 to 65535"
                  .formatted(uid, gid));
        }
        yield new User(uid, gid);
      }
      case Account.Named(String name) ->
          throw new StepFailedException(
              "Cannot run as user %s: Linux needs numbers, as in (user (uid 1000) (gid 1000))"
                  .formatted(Sexp.quote(name)));
    };
  }

  private static boolean network(List<String> network) throws StepFailedException {
    if (network.isEmpty()) {
      return false;
    }
    if (network.equals(List.of("host"))) {
      return true;
    }
    throw new StepFailedException(
        "Unsupported network configuration (network %s): expected (network host) or none"
            .formatted(String.join(" ", network)));
  }

  private List<StepIds.MountedSecret> secrets(List<Mounted> wanted) throws StepFailedException {
    List<StepIds.MountedSecret> secrets = new ArrayList<>();
    for (Mounted mounted : wanted) {
      Secret value = context.secrets().get(mounted.id());
      if (value == null) {
        throw new StepFailedException(
            "Couldn't find value for requested secret '%s'".formatted(mounted.id()));
      }
      secrets.add(new StepIds.MountedSecret(value, mounted.target()));
    }
    return secrets;
  }

  @Override
  public void close() {
    while (!leased.isEmpty()) {
      tools.engine().unlease(leased.pop());
    }
  }

  /** The caches of a run, closed in reverse order. */
  private record CacheMounts(List<Sandbox.Mount> mounts, Deque<Store.CacheCopy> copies)
      implements AutoCloseable {
    static CacheMounts open(Store store, List<Mounted> caches, User user)
        throws IOException, InterruptedException {
      CacheMounts opened = new CacheMounts(new ArrayList<>(), new ArrayDeque<>());
      try {
        for (Mounted cache : caches) {
          Store.CacheCopy copy = store.openCache(cache.id(), user);
          opened.copies.push(copy);
          opened.mounts.add(new Sandbox.Mount(copy.directory(), cache.target(), false));
        }
        return opened;
      } catch (IOException | InterruptedException | BuilderException e) {
        opened.close();
        throw e;
      }
    }

    @Override
    public void close() {
      copies.forEach(Store.CacheCopy::close);
    }
  }

  /** Writes what a fetcher says into the step's log. */
  private record FetchLog(StepLog log) implements BuildLog {
    @Override
    public void heading(String text) {
      line(text);
    }

    @Override
    public void note(String text) {
      line(text);
    }

    private void line(String text) {
      byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
      output(bytes, bytes.length);
    }

    @Override
    public void output(byte[] buffer, int length) {
      try {
        log.write(buffer, length);
      } catch (IOException e) {
        throw new BuilderException("Cannot write the log of a base: " + e.getMessage(), e);
      }
    }
  }
}
