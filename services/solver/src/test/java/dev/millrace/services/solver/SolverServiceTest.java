package dev.millrace.services.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.HardProblem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.PersonIdent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: the requests that the original's own tests make are answered as it answers them. */
class SolverServiceTest {
  private static final PersonIdent AUTHOR = new PersonIdent("a", "a@example.org");
  private static final String OPAM = "opam-version: \"2.0\"\n";
  private static final int CANCELLATIONS = 9;

  @TempDir private Path directory;
  private SolverService service;
  private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void open() {
    AtomicLong ticks = new AtomicLong();
    service =
        SolverService.open(
            directory.resolve("cache"),
            2,
            Duration.ofMinutes(5),
            InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z")),
            () -> ticks.getAndAdd(1_250_000_000));
  }

  @AfterEach
  void close() {
    service.close();
  }

  /** A commit of these packages, {@code name.version} to fields, on top of what was there. */
  private String commit(String repository, Map<String, String> packages) throws Exception {
    Path root = directory.resolve(repository);
    for (var pkg : packages.entrySet()) {
      String name = pkg.getKey().substring(0, pkg.getKey().indexOf('.'));
      Path file = root.resolve("packages/" + name + "/" + pkg.getKey() + "/opam");
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, OPAM + pkg.getValue().replace('\'', '"'));
    }
    try (Git git = Git.init().setDirectory(root.toFile()).call()) {
      git.add().addFilepattern(".").call();
      return git.commit()
          .setMessage("x")
          .setSign(false)
          .setAuthor(AUTHOR)
          .setCommitter(AUTHOR)
          .call()
          .name();
    }
  }

  private String url(String repository) {
    return directory.resolve(repository).toUri().toString();
  }

  private String platform(String id, String ocaml, boolean lowerBound) {
    return """
        ["%s", {"arch": "x86_64", "os": "linux", "os_family": "debian", "os_distribution": "debian",
          "os_version": "13", "ocaml_package": "ocaml-base-compiler", "ocaml_version": "%s",
          "opam_version": "2.3.0", "lower_bound": %s}]"""
        .formatted(id, ocaml, lowerBound);
  }

  private String request(
      List<String> commits,
      Map<String, String> roots,
      Map<String, String> pins,
      String... platforms) {
    return """
        {"opam_repository_commits": [%s], "root_pkgs": [%s], "pinned_pkgs": [%s], "platforms": [%s]}"""
        .formatted(
            String.join(", ", commits), pairs(roots), pairs(pins), String.join(", ", platforms));
  }

  private String at(String repository, String commit) {
    return "[\"%s\", \"%s\"]".formatted(url(repository), commit);
  }

  private static String pairs(Map<String, String> packages) {
    return packages.entrySet().stream()
        .map(
            pkg ->
                "[\"%s\", \"%s\"]"
                    .formatted(
                        pkg.getKey(),
                        (OPAM + pkg.getValue())
                            .replace("\"", "\\\"")
                            .replace('\'', '^')
                            .replace("^", "\\\"")
                            .replace("\n", "\\n")))
        .collect(Collectors.joining(", "));
  }

  private String answer(String request) {
    return service.answer(request, log::add);
  }

  private String base() throws Exception {
    return commit(
        "main",
        Map.of(
            "ocaml-base-compiler.5.0", "",
            "ocaml-base-compiler.4.14", "",
            "lwt.5.6", "depends: ['ocaml-base-compiler']",
            "lwt.5.7", "depends: ['ocaml-base-compiler']"));
  }

  private static final Map<String, String> ROOT = Map.of("app.dev", "depends: ['lwt']");

  @Test
  void picksTheNewestAndNamesTheOldestCommitThatHasThem() throws Exception {
    String commit = base();
    String later = commit("main", Map.of("other.1", ""));

    assertThat(
            answer(
                request(List.of(at("main", later)), ROOT, Map.of(), platform("p", "5.0", false))))
        .isEqualTo(
            """
            ["Ok",[{"id":"p","compat_pkgs":["app.dev"],"packages":["app.dev","lwt.5.7",\
            "ocaml-base-compiler.5.0"],"commits":[["%s","%s"]],"lower_bound":false}]]"""
                .formatted(url("main"), commit));
  }

  private static String line(String text) {
    return "2026-01-02 03:04.05 [INFO] " + text;
  }

  /**
   * In the original's words, but for the first line; the order of the platforms is the request's.
   */
  @Test
  void tellsHowItGoesAsTheOriginalDoes() throws Exception {
    String commit = base();
    Map<String, String> roots = new LinkedHashMap<>();
    roots.put("app.dev", "depends: ['lwt' {>= '5.7'}]");
    roots.put("an-application-with-a-long-name.dev", "depends: ['lwt']");

    answer(
        request(
            List.of(at("main", commit)),
            roots,
            Map.of(),
            platform("p", "5.0", false),
            platform("none", "3.0", false)));
    answer(
        request(
            List.of(at("main", commit)),
            Map.of("app.dev", "available: false"),
            Map.of(),
            platform("p", "5.0", false)));

    assertThat(log)
        .containsSubsequence(
            line("Opening %s#%s".formatted(url("main"), commit)),
            line("Solving for app.dev,")
                + "\n                                       an-application-with-a-long-name.dev",
            line("= p ="),
            line("-> an-application-with-a-long-name.dev app.dev")
                + "\n                              lwt.5.7 ocaml-base-compiler.5.0",
            line("(valid since opam-repository commit(s): ")
                + url("main")
                + ",\n"
                + " ".repeat(67)
                + commit
                + ")",
            line("= none ="))
        .contains(line("p: not available for this platform"))
        // The platforms are solved side by side and look at one clock.
        .anyMatch(
            text -> text.matches(Pattern.quote(line("p: found solution in ")) + "\\d\\.\\d\\d s"))
        .anyMatch(
            text ->
                text.matches(
                    Pattern.quote(line("none: eliminated all possibilities in "))
                        + "\\d\\.\\d\\d s"))
        .anySatisfy(
            text -> assertThat(text).startsWith(line("Can't find all required versions.\n")))
        .last()
        .isEqualTo(line("Not available for this platform"));
  }

  @Test
  void seesANewVersionAndStillSolvesTheCommitBefore() throws Exception {
    String before = base();
    String after = commit("main", Map.of("lwt.5.8", "depends: ['ocaml-base-compiler']"));

    String platform = platform("p", "5.0", false);
    assertThat(answer(request(List.of(at("main", after)), ROOT, Map.of(), platform)))
        .contains("lwt.5.8", after);
    assertThat(answer(request(List.of(at("main", before)), ROOT, Map.of(), platform)))
        .contains("lwt.5.7")
        .doesNotContain("lwt.5.8");
  }

  @Test
  void laterRepositoriesLieOverEarlierOnes() throws Exception {
    String main = base();
    String overlay =
        commit(
            "overlay",
            Map.of("lwt.5.7", "depends: ['extra' 'ocaml-base-compiler']", "extra.1", ""));

    String answer =
        answer(
            request(
                List.of(at("main", main), at("overlay", overlay)),
                ROOT,
                Map.of(),
                platform("p", "5.0", false)));

    assertThat(answer).contains("extra.1", "lwt.5.7", url("main"), url("overlay"));
    assertThat(
            answer(
                request(
                    List.of(at("main", main), at("overlay", overlay)),
                    Map.of("app.dev", "depends: ['lwt' {= '5.6'}]"),
                    Map.of(),
                    platform("p", "5.0", false))))
        .contains("lwt.5.6", url("main"))
        .doesNotContain(url("overlay"));
  }

  @Test
  void lowerBoundsAndPlatformsAreAnsweredInOrder() throws Exception {
    String commit = base();

    assertThat(
            answer(
                request(
                    List.of(at("main", commit)),
                    ROOT,
                    Map.of(),
                    platform("new", "5.0", false),
                    platform("none", "3.0", false),
                    platform("old", "4.14", true))))
        .containsSubsequence(
            "\"id\":\"new\"",
            "lwt.5.7",
            "\"id\":\"old\"",
            "lwt.5.6",
            "ocaml-base-compiler.4.14",
            "\"lower_bound\":true")
        .doesNotContain("\"none\"");
  }

  @Test
  void aRootThatThePlatformExcludesIsLeftOut() throws Exception {
    String commit = base();
    Map<String, String> roots =
        Map.of("app.dev", "depends: ['lwt']", "app5.dev", "depends: ['ocaml' {>= '5.0'}]");

    assertThat(
            answer(
                request(
                    List.of(at("main", commit)), roots, Map.of(), platform("p", "4.14", false))))
        .contains("\"compat_pkgs\":[\"app.dev\"]");
    assertThat(
            answer(
                request(
                    List.of(at("main", commit)),
                    Map.of("app.dev", "available: os = 'macos'"),
                    Map.of(),
                    platform("p", "4.14", false))))
        .isEqualTo("[\"Ok\",[]]");
    assertThat(log)
        .anySatisfy(line -> assertThat(line).contains("Not available for this platform"));
  }

  @Test
  void aPinCountsInsteadOfTheRepositorys() throws Exception {
    String commit = base();

    assertThat(
            answer(
                request(
                    List.of(at("main", commit)),
                    ROOT,
                    Map.of("lwt.dev", "depends: ['ocaml-base-compiler']"),
                    platform("p", "5.0", false))))
        .contains("lwt.dev")
        .doesNotContain("lwt.5");
  }

  @Test
  void faultsAreAnswers() throws Exception {
    String commit = base();
    String broken = commit("main", Map.of("lwt.5.9", "depends: ["));
    String platform = platform("p", "5.0", false);

    assertThat(
            answer(
                request(
                    List.of(at("main", commit)),
                    Map.of("app.dev", "depends: ["),
                    Map.of(),
                    platform)))
        .startsWith("[\"Error\",[\"Msg\",")
        .contains("app.dev");
    assertThat(answer(request(List.of(at("main", broken)), ROOT, Map.of(), platform)))
        .startsWith("[\"Error\",[\"Msg\",")
        .contains("lwt.5.9");
    assertThat(
            answer(
                request(
                    List.of(at("main", "0123456789012345678901234567890123456789")),
                    ROOT,
                    Map.of(),
                    platform)))
        .startsWith("[\"Error\",[\"Msg\",")
        .contains("0123456789012345678901234567890123456789");
    assertThat(answer(request(List.of(at("nowhere", commit)), ROOT, Map.of(), platform)))
        .startsWith("[\"Error\",[\"Msg\",")
        .contains("nowhere");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "nonsense # it is not JSON",
        "{} # the request lacks opam_repository_commits, pinned_pkgs, platforms, root_pkgs",
        "{\"x\": 1} # the request has the unknown field \\\"x\\\"",
        "[] # the request must be an object"
      })
  void aRequestThatIsNoneIsRefused(String request, String problem) {
    assertThat(answer(request.strip()))
        .startsWith("[\"Error\",[\"Msg\",\"Bad request: ")
        .contains(problem.strip());
  }

  @Test
  void anInterruptionIsACancellation() throws Exception {
    String request =
        request(List.of(at("main", base())), ROOT, Map.of(), platform("p", "5.0", false));
    Thread.currentThread().interrupt();

    assertThat(answer(request)).isEqualTo("[\"Error\",[\"Cancelled\"]]");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void answersLines() throws Exception {
    String request =
        request(List.of(at("main", base())), ROOT, Map.of(), platform("p", "5.0", false))
            .replace("\n", " ");
    StringWriter out = new StringWriter();

    LineServer.serve(
        service,
        new BufferedReader(
            new StringReader(
                "{\"id\": \"1\", \"request\": %s}\n\nnonsense\n{\"id\": \"2\", \"cancel\": true}\n"
                    .formatted(request))),
        new PrintWriter(out));

    assertThat(out.toString().lines().toList())
        .hasSize(8)
        .anySatisfy(line -> assertThat(line).startsWith("{\"id\":\"1\",\"response\":[\"Ok\","))
        .contains("{\"id\":\"1\",\"log\":\"%s\"}".formatted(line("p: found solution in 1.25 s")))
        .anySatisfy(line -> assertThat(line).contains("not JSON"));
  }

  /** More pigeons than holes: it takes hours. */
  private String hard() throws Exception {
    Map<String, String> packages = new HashMap<>(Map.of("ocaml-base-compiler.5.0", ""));
    for (String pkg : HardProblem.pigeons(18, 17).split("; ")) {
      String[] parts = pkg.split(": ", 2);
      packages.put(parts[0], parts.length > 1 ? parts[1] : "");
    }
    return request(
        List.of(at("hard", commit("hard", packages))),
        Map.of("root.dev", "depends: 'all'"),
        Map.of(),
        platform("p", "5.0", false));
  }

  @Test
  void aRequestHasATimeLimit() throws Exception {
    String request = hard();
    try (SolverService impatient =
        SolverService.open(directory.resolve("cache"), 1, Duration.ofMillis(50))) {
      assertThat(impatient.answer(request, log::add))
          .isEqualTo("[\"Error\",[\"Msg\",\"Found no answer within 50 ms\"]]");
    }
  }

  @Test
  void saysOverHttpHowItGoesAndCanBeCancelled() throws Exception {
    cancelAfter(List.of("Opening file:", "Solving for root.dev"));
  }

  /** What fetches repositories may lose an interruption. */
  @Test
  void aRequestCanBeCancelledWhileItFetches() throws Exception {
    cancelAfter(List.of("Opening file:"));
  }

  /** Time and again: what a busy machine adds to one time it does not add to most. */
  private void cancelAfter(List<String> logged) throws Exception {
    String request = hard();
    List<Duration> taken = new ArrayList<>();
    try (HttpServer server = HttpServer.start(service, "127.0.0.1", 0);
        HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < CANCELLATIONS; i++) {
        URI address = URI.create("http://127.0.0.1:%d/solve/%d".formatted(server.port(), i));
        taken.add(cancelAfter(logged, request, client, address));
      }
    }

    assertThat(taken.stream().sorted().toList().get(CANCELLATIONS / 2))
        .as("of %s, which are the times that cancelling takes", taken)
        .isLessThan(Duration.ofMillis(100));
  }

  private static Duration cancelAfter(
      List<String> logged, String request, HttpClient client, URI address) throws Exception {
    HttpResponse<Stream<String>> answer =
        client.send(
            HttpRequest.newBuilder(address)
                .header("accept", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(request))
                .build(),
            HttpResponse.BodyHandlers.ofLines());
    Iterator<String> lines = answer.body().iterator();

    // It comes while the rest has not been found.
    for (String text : logged) {
      assertThat(lines.next()).startsWith("{\"log\":\"" + line(text));
    }
    long begin = System.nanoTime();
    assertThat(send(client, HttpRequest.newBuilder(address).DELETE()).statusCode()).isEqualTo(202);
    List<String> last = new ArrayList<>();
    lines.forEachRemaining(last::add);
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);

    assertThat(last).last().isEqualTo("{\"response\":[\"Error\",[\"Cancelled\"]]}");
    assertThat(answer.headers().firstValue("content-type")).contains("application/x-ndjson");
    return taken;
  }

  @Test
  void answersOverHttp() throws Exception {
    String request =
        request(List.of(at("main", base())), ROOT, Map.of(), platform("p", "5.0", false));
    try (HttpServer server = HttpServer.start(service, "127.0.0.1", 0);
        HttpClient client = HttpClient.newHttpClient()) {
      String address = "http://127.0.0.1:" + server.port();

      assertThat(send(client, HttpRequest.newBuilder(URI.create(address + "/health"))).body())
          .isEqualTo("OK\n");
      HttpResponse<String> answer =
          send(
              client,
              HttpRequest.newBuilder(URI.create(address + "/solve/1"))
                  .POST(HttpRequest.BodyPublishers.ofString(request)));
      assertThat(answer.body()).startsWith("[\"Ok\",").contains("lwt.5.7");
      assertThat(answer.headers().firstValue("content-type")).contains("application/json");
      assertThat(
              send(client, HttpRequest.newBuilder(URI.create(address + "/solve/1")).DELETE())
                  .statusCode())
          .isEqualTo(404);
    }
  }

  private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
