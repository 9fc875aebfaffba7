package dev.millrace.engine.web;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Limit;
import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.ActionRecord;
import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.RunPlan;
import dev.millrace.engine.core.StageCounts;
import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.spi.User;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: every limit that the pages say they have, they have. Method: each is tried at its value,
 * one beyond, and at ten times as much; where something is refused, the message says what the limit
 * is.
 */
@Timeout(60)
class LimitsIT {
  private static final String JOB = "/job/" + TestObjects.FAILED;
  private static final int STREAMS = 5;

  /** Instead of the status of an answer: the connection was ended while we were still speaking. */
  private static final int CUT_OFF = 0;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Socket> sockets = new ArrayList<>();
  private final ManualTime time = new ManualTime(TestObjects.NOW);
  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface web;
  private final String home;
  private final String token;

  LimitsIT() throws Exception {
    web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0).withLiveStreamsMax(STREAMS),
            engine,
            time,
            time::ticks,
            List.of());
    home = "http://127.0.0.1:" + web.port();
    token = token(home);
  }

  private String token(String site) throws IOException, InterruptedException {
    String page = send(HttpRequest.newBuilder(URI.create(site)).build()).body();
    Matcher found = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(page);
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    client.shutdownNow();
    web.close();
  }

  /** What tries a limit. */
  @FunctionalInterface
  private interface Trial {
    void run() throws Exception;
  }

  private Map<String, Trial> trials() {
    Map<String, Trial> trials = new LinkedHashMap<>();
    trials.put("requests of whoever has signed in, else of an address", this::requests);
    trials.put("the first line of a request", this::firstLine);
    trials.put("the headers of a request", this::headers);
    trials.put("connections, besides those of event streams", this::connections);
    trials.put("event streams", this::eventStreams);
    trials.put("event streams of one address", this::eventStreamsOfOneAddress);
    trials.put("the life of an event stream", this::lifeOfAnEventStream);
    trials.put("a form", this::form);
    trials.put("a form with a file", this::formWithAFile);
    trials.put("parts of a form with a file", this::parts);
    trials.put("parameters of an address or a form", this::parameters);
    trials.put("a session", this::session);
    trials.put("the time to come back from a sign-on", this::comingBack);
    trials.put("stages in a diagram", this::stagesDrawn);
    trials.put("stages in a diagram before its groups are folded", this::stagesUnfolded);
    trials.put("stages on one page of the list", this::stagesListed);
    trials.put("jobs on one page", this::jobsListed);
    trials.put("work of one kind on the page of the plan", this::workPlanned);
    trials.put("actions that can be paged to", this::actions);
    trials.put("lines of a log shown whole", this::logShownWhole);
    trials.put("lines of a log asked for at once", this::linesAskedFor);
    trials.put("a line of a log as it is shown", this::line);
    trials.put("how much of a log one request reads", this::logRead);
    trials.put("lines that a search finds", this::linesFound);
    trials.put("jobs that a log rule is tested on", this::jobsOfARule);
    trials.put("what is searched for", this::searched);
    trials.put("what jobs and stages are filtered by", this::filter);
    return trials;
  }

  static Stream<String> limits() {
    return WebLimits.list().stream().map(Limit::what);
  }

  @ParameterizedTest
  @MethodSource("limits")
  void holdsAtItsValueAndBeyond(String what) throws Exception {
    requireNonNull(trials().get(what), "each limit has its trial").run();
  }

  @Test
  void nothingIsTriedThatIsNoLimit() {
    assertThat(limits()).containsExactlyInAnyOrderElementsOf(trials().keySet());
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(home + path)).build());
  }

  private HttpResponse<String> post(String address, String type, String body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(address))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  private Socket connect(String text) throws IOException {
    return connect(InetAddress.getLoopbackAddress(), text);
  }

  private Socket connect(InetAddress from, String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.port(), from, 0);
    sockets.add(socket);
    socket.setSoTimeout(20_000);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** The status of an answer to what is written as it stands. */
  private int status(String text) throws IOException {
    try (Socket socket = connect(text)) {
      byte[] start = socket.getInputStream().readNBytes(12);
      return start.length < 12
          ? CUT_OFF
          : Integer.parseInt(new String(start, StandardCharsets.US_ASCII).substring(9));
    } catch (SocketException e) {
      return CUT_OFF;
    }
  }

  private static void assertRefused(HttpResponse<String> answer, int status, long limit) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).contains(Long.toString(limit));
  }

  private void requests() throws Exception {
    time.advance(Duration.ofHours(1));
    assertThat(statuses(RateLimit.BURST)).containsOnly(200);
    HttpResponse<String> refused = get("/health");
    assertRefused(refused, 429, RateLimit.PER_SECOND);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    time.advance(Duration.ofSeconds(1));
    List<Integer> later = statuses(10 * RateLimit.PER_SECOND);
    assertThat(later.subList(0, RateLimit.PER_SECOND)).containsOnly(200);
    assertThat(later.subList(RateLimit.PER_SECOND, later.size())).containsOnly(429);
  }

  /** Of so many requests on one connection, one after the other. */
  private List<Integer> statuses(int requests) throws IOException {
    List<Integer> statuses = new ArrayList<>();
    try (Socket socket = connect("")) {
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      for (int i = 0; i < requests; i++) {
        socket
            .getOutputStream()
            .write(
                "HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        statuses.add(Integer.valueOf(String.valueOf(answers.readLine()).substring(9, 12)));
        while (!String.valueOf(answers.readLine()).isEmpty()) {
          // The rest of the head.
        }
      }
    }
    return statuses;
  }

  private void firstLine() throws Exception {
    String tail = " HTTP/1.1";
    int room = WebInterface.FIRST_LINE_MAX - "GET /health?a=".length() - tail.length();
    String start = "GET /health?a=";
    String end = tail + "\r\nHost: localhost\r\n\r\n";
    assertThat(status(start + "x".repeat(room) + end)).isEqualTo(200);
    assertThat(status(start + "x".repeat(room + 1) + end)).isEqualTo(414);
    assertThat(status(start + "x".repeat(10 * room) + end)).isIn(414, CUT_OFF);
  }

  private void headers() throws Exception {
    String start = "GET /health HTTP/1.1\r\n";
    String host = "Host: localhost\r\nX-Long: ";
    int room = WebInterface.HEADERS_MAX - host.length() - 2;
    assertThat(status(start + host + "x".repeat(room) + "\r\n\r\n")).isEqualTo(200);
    assertThat(status(start + host + "x".repeat(room + 1) + "\r\n\r\n")).isEqualTo(400);
    assertThat(status(start + host + "x".repeat(10 * room) + "\r\n\r\n")).isIn(400, CUT_OFF);
  }

  private void connections() throws Exception {
    int max = WebInterface.CONNECTIONS_MAX + STREAMS;
    String whole = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // The client that asked for the token has a connection, too.
    for (int i = 1; i < max - 1; i++) {
      var _ = connect("");
    }
    Socket last = connect(whole);
    assertThat(last.getInputStream().read()).isEqualTo('H');

    Socket beyond = connect(whole);
    beyond.setSoTimeout(300);
    assertThat(readOne(beyond)).as("it waits").isEqualTo("nothing");
    sockets.getFirst().close();
    beyond.setSoTimeout(20_000);
    assertThat(readOne(beyond)).as("when there is room").isEqualTo("H");
  }

  private static String readOne(Socket socket) throws IOException {
    try {
      return Character.toString(socket.getInputStream().read());
    } catch (SocketTimeoutException e) {
      return "nothing";
    }
  }

  private Socket openStream(InetAddress from) throws IOException {
    Socket stream = connect(from, "GET /live/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(new String(stream.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
        .isEqualTo("HTTP/1.1 200");
    return stream;
  }

  private void eventStreams() throws Exception {
    for (int i = 0; i < STREAMS; i++) {
      var _ = openStream(InetAddress.getLoopbackAddress());
    }
    for (int i = STREAMS; i < 10 * STREAMS; i++) {
      HttpResponse<String> refused = get("/live/jobs");
      assertRefused(refused, 503, STREAMS);
      assertThat(refused.body()).contains("--live-streams-max");
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    }
  }

  private void eventStreamsOfOneAddress() throws Exception {
    try (WebInterface site =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0), engine, time, List.of())) {
      List<Socket> open = new ArrayList<>();
      try {
        int refused = 0;
        for (int i = 0; i < 10 * LiveStreams.PER_HOST; i++) {
          Socket socket = new Socket(InetAddress.getLoopbackAddress(), site.port());
          open.add(socket);
          socket
              .getOutputStream()
              .write(
                  "GET /live/jobs HTTP/1.1\r\nHost: localhost\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
          String status =
              new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
          assertThat(status)
              .as("stream %d", i + 1)
              .endsWith(i < LiveStreams.PER_HOST ? " 200" : " 503");
          refused += status.endsWith("503") ? 1 : 0;
        }
        assertThat(refused).isEqualTo(9 * (int) LiveStreams.PER_HOST);
      } finally {
        for (Socket socket : open) {
          socket.close();
        }
      }
    }
  }

  private void lifeOfAnEventStream() throws Exception {
    Socket stream = openStream(InetAddress.getLoopbackAddress());
    StringBuilder heard = new StringBuilder();
    hear(stream, heard, "retry");
    time.advance(LiveStreams.LIFE.minusSeconds(1));
    engine.publish();
    engine.updateJob(
        TestObjects.summary(TestObjects.PASSED, "build", "almost over", StageState.PASSED));
    hear(stream, heard, "almost over");

    time.advance(Duration.ofSeconds(1));
    engine.publish();
    hear(stream, heard, "\r\n0\r\n");
  }

  /** Reads until a text has come. */
  private static void hear(Socket stream, StringBuilder heard, String text) throws IOException {
    while (heard.indexOf(text) < 0) {
      int next = stream.getInputStream().read();
      assertThat(next).as("the end, after %s", heard).isNotNegative();
      heard.append((char) next);
    }
  }

  private HttpResponse<String> postForm(int length) throws IOException, InterruptedException {
    String start = "level=none&csrf=" + token + "&x=";
    return post(
        home + "/set/confirm",
        "application/x-www-form-urlencoded",
        start + "y".repeat(length - start.length()));
  }

  private void form() throws Exception {
    int max = Exchange.FORM_BYTES_MAX;
    assertThat(postForm(max).statusCode()).isEqualTo(303);
    assertRefused(postForm(max + 1), 413, max);
    assertRefused(postForm(10 * max), 413, max);
  }

  /** A form with so many parts, so many bytes long. */
  private HttpResponse<String> postFile(int parts, int length)
      throws IOException, InterruptedException {
    StringBuilder body = new StringBuilder();
    part(body, "csrf", token);
    part(body, "import", "pattern,report,score\r\n");
    for (int i = 3; i < parts; i++) {
      part(body, "more", "");
    }
    String last = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n";
    String end = "\r\n--b--\r\n";
    int left = length - body.length() - last.length() - end.length();
    body.append(last).append("y".repeat(Math.max(0, left))).append(end);
    return post(home + "/log-rules", "multipart/form-data; boundary=b", body.toString());
  }

  private static void part(StringBuilder body, String name, String value) {
    body.append("--b\r\nContent-Disposition: form-data; name=\"")
        .append(name)
        .append("\"\r\n\r\n")
        .append(value)
        .append("\r\n");
  }

  private void formWithAFile() throws Exception {
    int max = Exchange.FILES_BYTES_MAX;
    assertThat(postFile(3, max).statusCode()).isEqualTo(303);
    assertRefused(postFile(3, max + 1), 413, max);
    assertRefused(postFile(3, 10 * max), 413, max);
  }

  private void parts() throws Exception {
    int max = Multipart.PARTS_MAX;
    assertThat(postFile(max, 0).statusCode()).isEqualTo(303);
    assertRefused(postFile(max + 1, 0), 400, max);
    assertRefused(postFile(10 * max, 0), 400, max);
  }

  private void parameters() throws Exception {
    int max = Parameters.PAIRS_MAX;
    assertThat(get("/jobs?" + "a=&".repeat(max)).statusCode()).isEqualTo(200);
    assertRefused(get("/jobs?" + "a=&".repeat(max + 1)), 400, max);
    String start = "csrf=" + token + "&level=none";
    assertRefused(
        post(
            home + "/set/confirm",
            "application/x-www-form-urlencoded",
            start + "&a=".repeat(10 * max - 2)),
        400,
        max);
  }

  private void session() throws Exception {
    Sessions sessions = new Sessions(engine.signIns(), time);
    String key = sessions.begin(new User("github:1", "mia"));
    time.advance(Sessions.LIFE.minusNanos(1));
    assertThat(sessions.find(key)).isPresent();
    time.advance(Duration.ofNanos(1));
    assertThat(sessions.find(key)).isEmpty();
    time.advance(Sessions.LIFE.multipliedBy(9));
    assertThat(sessions.find(key)).isEmpty();
  }

  /** The browser keeps it: that it is told how long is seen where people sign in. */
  private void comingBack() {
    assertThat(SignOnPages.GOING_SECONDS).isEqualTo(600);
  }

  /** So many stages without flows, fifty to a group. */
  private PipelineView pipeline(int stages) {
    List<Diagram.Node> nodes = new ArrayList<>();
    List<Diagram.Group> groups = new ArrayList<>();
    for (int i = 0; i < stages; i++) {
      String key = "g" + i / 50;
      if (i % 50 == 0) {
        groups.add(new Diagram.Group(key, key, Optional.empty(), false, new StageCounts(Map.of())));
      }
      nodes.add(
          new Diagram.Node(
              i,
              Diagram.Kind.STAGE,
              "stage",
              StageState.PASSED,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(key),
              Optional.empty(),
              false));
    }
    engine.setDiagram(new Diagram(nodes, List.of(), groups));
    return PipelineView.of(engine, Parameters.parse("q=stage"), new Layouts(), TestObjects.NOW);
  }

  private void stagesDrawn() {
    int max = PipelineView.DRAW_MAX;
    assertThat(pipeline(max).showsGraph()).isTrue();
    assertThat(pipeline(max + 1).showsGraph()).isFalse();
    PipelineView far = pipeline(10 * max);
    assertThat(far.showsGraph()).isFalse();
    assertThat(far.showsList()).isTrue();
  }

  private int drawn(int stages) {
    PipelineView _ = pipeline(stages);
    return PipelineView.of(engine, Parameters.parse(""), new Layouts(), TestObjects.NOW)
        .diagram()
        .nodes()
        .size();
  }

  private void stagesUnfolded() {
    int max = PipelineView.FOLD_FROM;
    assertThat(drawn(max)).isEqualTo(max);
    assertThat(drawn(max + 1)).isLessThan(10);
    assertThat(drawn(10 * max)).isLessThan(max);
  }

  private void stagesListed() {
    int max = PipelineView.ROWS_PAGE;
    PipelineView whole = pipeline(max);
    assertThat(whole.rows()).hasSize(max);
    assertThat(whole.nextPage()).isEmpty();
    for (int stages : new int[] {max + 1, 10 * max}) {
      assertThat(pipeline(stages).rows()).hasSize(max);
      assertThat(pipeline(stages).nextPage()).isPresent();
    }
  }

  private JobsView jobs(int wanted) {
    for (int i =
            engine.countJobs(JobsView.of(engine, Parameters.parse(""), time.instant()).query());
        i < wanted;
        i++) {
      JobId id = TestObjects.job(100 + i, "more");
      engine.addJob(
          TestObjects.summary(id, "more", "job " + i, StageState.PASSED), ScriptedLog.of("x\n"));
    }
    return JobsView.of(engine, Parameters.parse(""), time.instant());
  }

  private void jobsListed() throws Exception {
    assertThat(jobs(JobsView.PAGE).jobs()).hasSize(JobsView.PAGE);
    assertThat(get("/jobs").body()).doesNotContain("page=2");
    assertThat(jobs(JobsView.PAGE + 1).jobs()).hasSize(JobsView.PAGE);
    assertThat(get("/jobs").body()).contains("page=2");
    assertThat(jobs(10 * JobsView.PAGE).jobs()).hasSize(JobsView.PAGE);
  }

  private PlanView.Part planned(int works) {
    RunPlan.Work work =
        new RunPlan.Work(
            "op", "key", "some", RunPlan.Fate.RUNS, Optional.empty(), Optional.empty());
    engine.setPlan(new RunPlan(Collections.nCopies(works, work), List.of()));
    return PlanView.of(engine, TestObjects.NOW).runs();
  }

  private void workPlanned() throws Exception {
    int max = PlanView.ROWS_MAX;
    assertThat(planned(max).more()).isZero();
    assertThat(planned(max + 1).more()).isEqualTo(1);
    PlanView.Part far = planned(10 * max);
    assertThat(far.rows()).hasSize(max);
    assertThat(get("/plan").body()).contains("%d more".formatted(9 * max));
  }

  private void actions() throws Exception {
    int pages = EnginePages.ACTION_PAGES_MAX;
    ActionRecord action =
        new ActionRecord(
            TestObjects.NOW, "mia", ActionRecord.What.CANCEL, JOB.substring(5), Optional.empty());
    engine.setActions(Collections.nCopies(pages * EnginePages.ACTIONS_PAGE + 1, action));
    assertThat(get("/actions?page=" + (pages - 1)).body()).contains("page=" + pages + "\"");
    assertThat(get("/actions?page=" + pages).body()).doesNotContain("page=" + (pages + 1));
    assertThat(get("/actions?page=" + 10 * pages).body()).contains("page=" + (pages - 1) + "\"");
  }

  private void logShownWhole() {
    long max = LogWindow.WHOLE_MAX;
    assertThat(LogWindow.of(max).ranges()).hasSize(1);
    for (long lines : new long[] {max + 1, 10 * max}) {
      assertThat(LogWindow.of(lines).ranges()).hasSize(2);
      assertThat(LogWindow.of(lines).ranges().getFirst().last()).isEqualTo(LogWindow.HEAD);
    }
  }

  private void linesAskedFor() {
    long max = LogWindow.RANGE_MAX;
    for (long asked : new long[] {max, max + 1, 10 * max}) {
      assertThat(LogWindow.range(1, asked, 20 * max).ranges())
          .containsExactly(new LogWindow.Range(1, max));
    }
  }

  private void line() throws Exception {
    int max = LineSplitter.BYTES_MAX;
    assertThat(lineOf(max, 1)).contains("x".repeat(max)).doesNotContain("see the raw log");
    assertThat(lineOf(max + 1, 2)).contains("1 more bytes: see the raw log");
    assertThat(lineOf(10 * max, 3))
        .contains("x".repeat(max))
        .doesNotContain("x".repeat(max + 1))
        .contains("%,d more bytes: see the raw log".formatted(9 * max));
  }

  /** A line so long, as the page shows it. */
  private String lineOf(int bytes, int job) throws Exception {
    JobId id = TestObjects.job(100 + job, "long");
    engine.addJob(
        TestObjects.summary(id, "long", "long", StageState.PASSED),
        ScriptedLog.of("x".repeat(bytes) + "\n"));
    return get("/job/" + id + "/lines?lines=1-1").body();
  }

  private void logRead() throws Exception {
    long max = LogIndex.STEP;
    assertThat(new LogIndex(new LongLines(max - 1)).refresh().complete()).isTrue();
    for (long bytes : new long[] {max + 1, 10 * max}) {
      LogMap map = new LogIndex(new LongLines(bytes)).refresh();
      assertThat(map.behind()).isTrue();
      assertThat(map.lines()).isEqualTo(max / LongLines.LINE);
    }
  }

  /** A log of a size, with few lines. */
  private record LongLines(long size) implements JobLog {
    private static final int LINE = 1 << 16;

    @Override
    public byte[] read(long offset, int lengthMax) {
      byte[] bytes = new byte[Math.clamp(size - offset, 0, lengthMax)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) ((offset + i + 1) % LINE == 0 ? '\n' : 'x');
      }
      return bytes;
    }

    @Override
    public boolean isComplete() {
      return true;
    }

    @Override
    public void awaitGrowth(long offset, Duration timeout) {}
  }

  private int found(int lines) throws Exception {
    LogIndex index = new LogIndex(ScriptedLog.of("needle\n".repeat(lines)));
    return new LogSearch().find(index.log(), index.refresh(), "needle", JOB).size();
  }

  private void linesFound() throws Exception {
    int max = LogSearch.HITS_MAX;
    assertThat(found(max)).isEqualTo(max);
    assertThat(found(max + 1)).isEqualTo(max);
    assertThat(found(10 * max)).isEqualTo(max);
  }

  /** An engine with so many jobs, all alike. */
  private EngineControl withJobs(int count) {
    JobSummary job = engine.findJob(TestObjects.PASSED).orElseThrow();
    return (EngineControl)
        Proxy.newProxyInstance(
            LimitsIT.class.getClassLoader(),
            new Class<?>[] {EngineControl.class},
            (_, method, arguments) -> {
              if (method.getName().equals("listJobs")) {
                JobQuery query = (JobQuery) arguments[0];
                int left = Math.clamp(count - query.offset(), 0, query.limit());
                return Collections.nCopies(left, job);
              }
              return method.invoke(engine, arguments);
            });
  }

  private void jobsOfARule() throws Exception {
    engine.setLog(TestObjects.PASSED, ScriptedLog.of("x\n"));
    int max = LogRulePages.JOBS_MAX;
    for (int jobs : new int[] {max, max + 1, 10 * max}) {
      try (WebInterface site =
          WebInterface.start(
              WebConfig.defaults().withAddress("127.0.0.1", 0),
              withJobs(jobs),
              time,
              time::ticks,
              List.of())) {
        String home = "http://127.0.0.1:" + site.port();
        String body =
            post(
                    home + "/log-rules",
                    "application/x-www-form-urlencoded",
                    "csrf=" + token(home) + "&test=1&pattern=y&report=y&score=1")
                .body();
        assertThat(body).contains("%,d".formatted(max)).doesNotContain("%,d".formatted(jobs + 1));
      }
    }
  }

  private void searched() throws Exception {
    int max = LogSearch.CHARS_MAX;
    assertThat(get(JOB + "/search?q=" + "x".repeat(max)).statusCode()).isEqualTo(200);
    assertRefused(get(JOB + "/search?q=" + "x".repeat(max + 1)), 400, max);
    assertRefused(get(JOB + "/search?q=" + "x".repeat(10 * max)), 400, max);
  }

  private void filter() {
    int max = PipelineFilter.TEXT_MAX;
    for (int asked : new int[] {max, max + 1, 10 * max}) {
      Parameters query = Parameters.parse("q=" + "x".repeat(asked));
      assertThat(PipelineFilter.of(query).text()).hasSize(max);
      assertThat(JobsView.of(engine, query, TestObjects.NOW).query().text()).hasSize(max);
    }
  }
}
