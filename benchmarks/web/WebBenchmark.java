package dev.millrace.benchmarks;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Done;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.EngineConfig;
import dev.millrace.engine.core.Job;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Outcome;
import dev.millrace.engine.core.TextOperation;
import dev.millrace.engine.core.Variable;
import dev.millrace.engine.web.WebConfig;
import dev.millrace.engine.web.WebInterface;
import dev.millrace.plugins.git.GitRepository;
import dev.millrace.plugins.git.HeadMonitor;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Question: do the pages reach their aims, and do those who look slow down those who work? Run by
 * {@code benchmarks/web/run}: real engines, real servers, real requests on loopback, each group in a
 * process of its own.
 */
final class WebBenchmark {
  private static final List<String> GROUPS = List.of("diagram", "readers", "pages", "commit");

  private static final int READERS_OF_AN_ADDRESS = 50;

  private WebBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    Path work = Path.of(arguments[0]);
    if (arguments.length == 1) {
      for (String group : GROUPS) {
        fork(work, group);
      }
      return;
    }
    Path state = Files.createTempDirectory(work, "state-");
    int status = 1;
    try {
      measure(arguments[1], state, work);
      status = 0;
    } finally {
      System.exit(status);
    }
  }

  private static void measure(String group, Path state, Path work) throws Exception {
    switch (group) {
      case "diagram" -> diagram(state, work);
      case "readers" -> readers(state);
      case "pages" -> pages(state);
      case "commit" -> commit(state);
      default -> throw new IllegalArgumentException("There is no group " + group);
    }
  }

  private static void fork(Path work, String group) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                WebBenchmark.class.getName(),
                work.toString(),
                group)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    if (process.waitFor() != 0) {
      System.out.printf("%-64s could not be measured%n", group);
    }
  }

  private static void print(String what, double millis, double aim, String remark) {
    System.out.printf(
        Locale.ROOT,
        "%-64s %9.2f ms; aim under %s ms: %s%s%n",
        what,
        millis,
        aim >= 1 ? Long.toString((long) aim) : Double.toString(aim),
        millis < aim ? "holds" : "missed",
        remark.isEmpty() ? "" : "; " + remark);
  }

  /** A running engine with its pages. */
  private record Site(Engine engine, WebInterface web, HttpClient client) implements AutoCloseable {
    static Site start(Path state, Function<Engine, Current<?>> pipeline) throws IOException {
      Engine engine = Engine.start(EngineConfig.in(state), pipeline);
      WebInterface web =
          WebInterface.start(
              WebConfig.defaults().withAddress("127.0.0.1", 0),
              engine.control(),
              InstantSource.system(),
              List.of());
      return new Site(engine, web, HttpClient.newHttpClient());
    }

    void awaitSettled() throws InterruptedException {
      while (!engine.control().overview().settled()) {
        LockSupport.parkNanos(1_000_000);
      }
    }

    /** Nanoseconds until the whole answer was there. */
    long get(String path) throws IOException, InterruptedException {
      long begin = System.nanoTime();
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(web.address() + path)).build(),
              HttpResponse.BodyHandlers.ofString());
      long took = System.nanoTime() - begin;
      if (answer.statusCode() != 200) {
        throw new IOException("%s: %d".formatted(path, answer.statusCode()));
      }
      return took;
    }

    @Override
    public void close() {
      client.shutdownNow();
      web.close();
      engine.close();
    }
  }

  private static final int PLATFORMS = 16;
  private static final int JOBS = 14;

  /**
   * As the pipeline of a CI service: base images that all share; for each branch a head, an
   * analysis of two steps, jobs that read it and a base image, and a summary of them. Each edge is
   * the numbers of two nodes.
   */
  private static List<int[]> edges(int branches) {
    List<int[]> edges = new ArrayList<>();
    for (int branch = 0; branch < branches; branch++) {
      int head = PLATFORMS + branch * (JOBS + 4);
      edges.add(new int[] {head, head + 1});
      edges.add(new int[] {head + 1, head + 2});
      for (int job = 0; job < JOBS; job++) {
        edges.add(new int[] {head + 2, head + 3 + job});
        edges.add(new int[] {(branch + job) % PLATFORMS, head + 3 + job});
        if (job % 2 == 0) {
          edges.add(new int[] {head + 3 + job, head + 3 + JOBS});
        }
      }
    }
    return edges;
  }

  private static int nodes(int branches) {
    return PLATFORMS + branches * (JOBS + 4);
  }

  private static Current<?> graph(Engine engine, int branches, Current<Integer> extra) {
    List<List<Integer>> sources = new ArrayList<>();
    for (int i = 0; i < nodes(branches); i++) {
      sources.add(new ArrayList<>());
    }
    edges(branches).forEach(edge -> sources.get(edge[1]).add(edge[0]));
    List<Current<?>> stages = new ArrayList<>();
    for (int node = 0; node < sources.size(); node++) {
      String name = "n" + node;
      List<Current<?>> read = sources.get(node).stream().<Current<?>>map(stages::get).toList();
      Current<String> key =
          read.isEmpty() ? Current.of(name) : Current.allDone(read).map(_ -> name);
      stages.add(engine.run("stage " + node, NOTHING, key, Current.of("")));
    }
    stages.add(
        Current.mapEach(
            extra.map(count -> java.util.stream.IntStream.range(0, count).boxed().toList()),
            item -> item,
            item -> "extra " + item,
            item -> item.map(x -> x + 1)));
    return Current.allDone(stages);
  }

  private static final TextOperation NOTHING =
      TextOperation.of(
          "nothing",
          (job, key, _) -> {
            job.start(Level.HARMLESS);
            return key;
          });

  private static void diagram(Path state, Path work) throws Exception {
    @SuppressWarnings("unchecked")
    Variable<Integer>[] extra = new Variable[1];
    try (Site site =
        Site.start(
            state,
            engine -> {
              extra[0] = engine.variable("extra", Outcome.ok(1));
              return graph(engine, 55, extra[0].current());
            })) {
      site.awaitSettled();
      // The server warms up in the first seconds after its start.
      LockSupport.parkNanos(4_000_000_000L);
      print("%,d nodes, %,d edges to SVG: first view".formatted(nodes(55), edges(55).size()), site.get("pipeline.svg") / 1e6, 1000, "");
      List<Long> warm = new ArrayList<>();
      for (int i = 2; i < 22; i++) {
        extra[0].set(Outcome.ok(i));
        LockSupport.parkNanos(50_000_000);
        warm.add(site.get("pipeline.svg"));
      }
      double middle = middle(warm.subList(10, warm.size()));
      print("… another shape, warm", middle, 200, againstDot(work, middle));
      List<Long> same = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        same.add(site.get("pipeline.svg"));
      }
      print("… the same shape again", middle(same), 200, "its layout is not computed again");
    }
  }

  /** Graphviz on the same graph with the same kind of edges, where it is installed. */
  private static String againstDot(Path work, double ours) throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of("/usr/bin/dot"))) {
      return "Graphviz is not installed";
    }
    StringBuilder text = new StringBuilder("digraph { rankdir=LR; splines=ortho; node [shape=box];\n");
    edges(55).forEach(e -> text.append("n%d -> n%d;\n".formatted(e[0], e[1])));
    Path dot = Files.writeString(work.resolve("graph.dot"), text.append("}\n").toString());
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder("dot", "-Tsvg", "-o", work.resolve("graph.svg").toString(), dot.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    // It took 203 s when it was let finish: what is asked for is ten times ours.
    String more = "";
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      more = "more than ";
    }
    double theirs = (System.nanoTime() - begin) / 1e6;
    return String.format(
        Locale.ROOT, "Graphviz %s%.0f ms, %.0f times as long (aim 10)", more, theirs, theirs / ours);
  }

  private static double middle(List<Long> nanos) {
    return nanos.stream().sorted().toList().get(nanos.size() / 2) / 1e6;
  }

  /** A job that writes 32 MB in lines, as a build does: alone, and before 200 readers of its log. */
  private static void readers(Path state) throws Exception {
    Semaphore go = new Semaphore(0);
    AtomicLong took = new AtomicLong();
    TextOperation printing =
        TextOperation.of("printing", (job, key, _) -> printMuch(job, go, took));
    @SuppressWarnings("unchecked")
    Variable<String>[] name = new Variable[1];
    try (Site site =
        Site.start(
            state,
            engine -> {
              name[0] = engine.variable("name", Outcome.ok("warm"));
              return engine.run("print", printing, name[0].current(), Current.of(""));
            })) {
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < 6; round++) {
        double alone = printed(site, name[0], "alone" + round, go, took, 0);
        double watched = printed(site, name[0], "watched" + round, go, took, 200);
        if (round > 0) {
          ratios.add(watched / alone);
        }
      }
      ratios.sort(Double::compare);
      double middle = ratios.get(ratios.size() / 2);
      System.out.printf(
          Locale.ROOT,
          "%-64s %9.1f %%; aim under 5 %%: %s%n",
          "a job that prints 8 MB/s, slowed by 200 readers of its log",
          (middle - 1) * 100,
          middle < 1.05 ? "holds" : "missed");
    }
  }

  /** 80 pieces of 100 kB, each 1,000 lines, a hundredth of a second of work between them. */
  private static String printMuch(Job job, Semaphore go, AtomicLong took) throws Exception {
    job.start(Level.HARMLESS);
    byte[] piece =
        ("ocamlfind ocamlopt -c -g -bin-annot -I lib -o lib/part.cmx lib/part.ml ... ok ........\n"
                .repeat(1000))
            .getBytes(StandardCharsets.UTF_8);
    go.acquire();
    long begin = System.nanoTime();
    for (int i = 0; i < 80; i++) {
      job.write(piece, 0, piece.length);
      Thread.sleep(10);
    }
    took.set(System.nanoTime() - begin);
    return "";
  }

  private static double printed(
      Site site, Variable<String> name, String key, Semaphore go, AtomicLong took, int readers)
      throws Exception {
    took.set(0);
    name.set(Outcome.ok(key));
    JobId job = null;
    while (job == null) {
      job =
          site.engine.control().listJobs(JobQuery.newest(5)).stream()
              .filter(one -> one.description().endsWith(key) && one.started().isPresent())
              .map(one -> one.id())
              .findFirst()
              .orElse(null);
      LockSupport.parkNanos(1_000_000);
    }
    String address = site.web.address() + "live/job/" + job;
    CountDownLatch open = new CountDownLatch(readers);
    List<HttpClient> browsers = browsers(readers);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        for (int i = 0; i < readers; i++) {
          HttpClient browser = browsers.get(i / READERS_OF_AN_ADDRESS);
          threads.submit(() -> readAll(browser, address, open));
        }
        if (!open.await(30, TimeUnit.SECONDS)) {
          throw new IOException("Not all readers came in");
        }
        go.release();
        while (took.get() == 0) {
          LockSupport.parkNanos(1_000_000);
        }
      } finally {
        // Pages stay open when the job has ended.
        browsers.forEach(HttpClient::shutdownNow);
        threads.shutdownNow();
      }
    }
    return took.get() / 1e6;
  }

  /** As many as so many readers need, each from an address of its own: an address has a limit. */
  private static List<HttpClient> browsers(int readers) throws IOException {
    List<HttpClient> browsers = new ArrayList<>();
    for (int i = 0; i * READERS_OF_AN_ADDRESS < readers; i++) {
      InetAddress from = InetAddress.getByName("127.0.0." + (i + 2));
      browsers.add(HttpClient.newBuilder().localAddress(from).build());
    }
    return browsers;
  }

  private static Done readAll(HttpClient client, String address, CountDownLatch open)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(address)).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    if (answer.statusCode() != 200) {
      throw new IOException(address + ": " + answer.statusCode());
    }
    open.countDown();
    byte[] buffer = new byte[64 * 1024];
    try (InputStream body = answer.body()) {
      while (body.read(buffer) >= 0) {
        // What comes is what a browser would draw.
      }
    }
    return Done.DONE;
  }

  private static void pages(Path state) throws Exception {
    try (Site site =
        Site.start(
            state,
            engine ->
                graph(engine, 27, engine.variable("extra", Outcome.ok(1)).current()))) {
      site.awaitSettled();
      JobId job = site.engine.control().listJobs(JobQuery.newest(1)).getFirst().id();
      for (String path : List.of("", "jobs", "job/" + job)) {
        try (Connection browser = Connection.to(URI.create(site.web.address()))) {
          byte[] page = browser.get("/" + path);
          long[] times = paced(browser, "/" + path);
          long bare = bare(page);
          String what = "500 nodes, 100 requests/s: /" + path.replaceAll("/.*", "/ID");
          print(
              what + ", median",
              times[times.length / 2] / 1e6,
              1,
              "%.1f times a server that has only these %,d bytes"
                  .formatted((double) times[times.length / 2] / bare, page.length));
          print("… 99th percentile", times[times.length * 99 / 100] / 1e6, 20, "");
        }
      }
    }
  }

  /** The sorted nanoseconds of 1,000 requests, 100 a second, after as many as warm it up. */
  private static long[] paced(Connection browser, String path) throws IOException {
    for (int i = 0; i < 300; i++) {
      browser.get(path);
    }
    long[] times = new long[1000];
    long begin = System.nanoTime();
    for (int i = 0; i < times.length; i++) {
      LockSupport.parkNanos(begin + i * 10_000_000L - System.nanoTime());
      long sent = System.nanoTime();
      browser.get(path);
      times[i] = System.nanoTime() - sent;
    }
    Arrays.sort(times);
    return times;
  }

  /** The median of the same requests to the JDK's own server, which answers with a page at hand. */
  private static long bare(byte[] page) throws IOException {
    // Without this each answer waits for the browser's acknowledgement of its headers.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    server.start();
    URI address = URI.create("http://127.0.0.1:%d/".formatted(server.getAddress().getPort()));
    try (Connection browser = Connection.to(address)) {
      long[] times = paced(browser, "/");
      return times[times.length / 2];
    } finally {
      server.stop(0);
    }
  }

  /** A connection that stays open, read by the thread that asks: nothing else takes its time. */
  private record Connection(Socket socket, InputStream in) implements AutoCloseable {
    static Connection to(URI address) throws IOException {
      Socket socket = new Socket(address.getHost(), address.getPort());
      socket.setTcpNoDelay(true);
      return new Connection(socket, new BufferedInputStream(socket.getInputStream(), 1 << 16));
    }

    byte[] get(String path) throws IOException {
      String request = "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n";
      socket
          .getOutputStream()
          .write(request.formatted(path, socket.getPort()).getBytes(StandardCharsets.US_ASCII));
      String status = line();
      if (!status.contains(" 200 ")) {
        throw new IOException("%s: %s".formatted(path, status));
      }
      int length = -1;
      for (String header = line(); !header.isEmpty(); header = line()) {
        String[] parts = header.toLowerCase(Locale.ROOT).split(": *", 2);
        if (parts[0].equals("content-length")) {
          length = Integer.parseInt(parts[1].strip());
        }
      }
      return length < 0 ? chunks() : in.readNBytes(length);
    }

    private byte[] chunks() throws IOException {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      while (true) {
        int length = Integer.parseInt(line(), 16);
        body.write(in.readNBytes(length));
        line();
        if (length == 0) {
          return body.toByteArray();
        }
      }
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      int c;
      while ((c = in.read()) != '\n') {
        if (c < 0) {
          throw new IOException("The server has closed the connection");
        }
        line.append((char) c);
      }
      return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static void commit(Path state) throws Exception {
    Path project = Files.createDirectories(state.resolve("project"));
    git(project, "init", "-q");
    AtomicLong logged = new AtomicLong();
    TextOperation test =
        TextOperation.of(
            "test",
            (job, commit, _) -> {
              job.log("here");
              logged.set(System.nanoTime());
              return commit;
            });
    git(project, "commit", "-q", "--allow-empty", "-m", "first");
    List<Long> times = new ArrayList<>();
    try (GitRepository repository = GitRepository.open(project);
        Site site =
            Site.start(
                state.resolve("engine"),
                engine ->
                    engine.run(
                        "test",
                        test,
                        engine
                            .monitor("head", new HeadMonitor(repository))
                            .map(commit -> commit.hash().hex()),
                        Current.of("")))) {
      site.awaitSettled();
      Path head = project.resolve(".git").resolve(Files.readString(project.resolve(".git/HEAD")).strip().substring(5));
      List<String> hashes = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        git(project, "commit", "-q", "--allow-empty", "-m", "commit " + i);
        hashes.add(Files.readString(head));
        LockSupport.parkNanos(50_000_000);
      }
      // The moment a commit is there is the rename of the ref: made here, as git itself takes long to start.
      for (int i = 0; i < 30; i++) {
        Path lock = Files.writeString(head.resolveSibling("next.lock"), commitAgain(project, i));
        logged.set(0);
        long begin = System.nanoTime();
        Files.move(lock, head, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        while (logged.get() == 0 && System.nanoTime() - begin < 20_000_000_000L) {
          LockSupport.parkNanos(100_000);
        }
        times.add(logged.get() - begin);
        LockSupport.parkNanos(100_000_000);
      }
    }
    print("new commit in a local repository to its job's log", middle(times), 20, "");
  }

  /** A commit that no ref names yet; its hash. */
  private static String commitAgain(Path project, int number) throws IOException, InterruptedException {
    return git(project, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "again " + number);
  }

  private static String git(Path project, String... arguments) throws IOException, InterruptedException {
    List<String> argv =
        new ArrayList<>(
            List.of("git", "-c", "user.name=Bench", "-c", "user.email=bench@example.invalid", "-C", project.toString()));
    argv.addAll(List.of(arguments));
    Process process = new ProcessBuilder(argv).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(output);
    }
    return output;
  }
}
