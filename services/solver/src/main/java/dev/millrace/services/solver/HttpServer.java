package dev.millrace.services.solver;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.base.TaskScope;
import io.helidon.common.media.type.MediaType;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Answers requests over HTTP: {@code POST /solve/ID} with a request in solver-service's JSON is
 * answered by its response when it is done. Who accepts {@code application/x-ndjson} gets lines
 * instead, as they come: any number of {@code {"log": "…"}} and then {@code {"response": […]}}.
 * {@code DELETE /solve/ID} ends a request early; {@code GET /health} says that the server is there.
 */
public final class HttpServer implements AutoCloseable {
  /** A project with hundreds of opam files stays well below it. */
  private static final int REQUEST_MAX = 32 << 20;

  private static final MediaType LINES = MediaTypes.create("application/x-ndjson");

  private final SolverService service;
  private final WebServer server;
  private final ConcurrentHashMap<String, Thread> running = new ConcurrentHashMap<>();

  private HttpServer(SolverService service, String host, int port) {
    this.service = service;
    this.server =
        WebServer.builder()
            .host(host)
            .port(port)
            .maxPayloadSize(REQUEST_MAX)
            .shutdownHook(false)
            .addRouting(
                HttpRouting.builder()
                    .post("/solve/{id}", this::solve)
                    .delete("/solve/{id}", this::cancel)
                    .get("/health", (_, response) -> response.send("OK\n")))
            .build();
  }

  /**
   * Starts serving.
   *
   * @param port 0 for any free one
   * @throws IOException if the address cannot be listened on
   */
  public static HttpServer start(SolverService service, String host, int port) throws IOException {
    HttpServer http = new HttpServer(service, host, port);
    try {
      http.server.start();
    } catch (RuntimeException e) {
      throw new IOException(
          "Cannot serve on %s port %d: %s".formatted(host, port, e.getMessage()), e);
    }
    return http;
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** What is said to who asked, by the thread that serves him. */
  private sealed interface Event {
    /** How it goes. */
    record Log(String line) implements Event {}

    /** The answer, in JSON. */
    record Answer(String json) implements Event {}

    /** Another request has this id. */
    record Conflict() implements Event {}

    /** There is nothing more. */
    record End() implements Event {}
  }

  /**
   * Works on a thread of its own, which can be interrupted: an interruption while something is sent
   * would close the connection.
   */
  private void solve(ServerRequest request, ServerResponse response) throws InterruptedException {
    String id = request.path().pathParameters().get("id");
    String text = request.content().as(String.class);
    boolean lines =
        request.headers().acceptedTypes().stream()
            .anyMatch(type -> type.text().equals(LINES.text()));
    // No longer than what one request is told, which its platforms limit.
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    try (TaskScope scope = TaskScope.open("solver-http")) {
      scope.fork(() -> work(id, text, events));
      Event first = events.take();
      if (first instanceof Event.Conflict) {
        response.status(Status.CONFLICT_409).send("There is a request with this id already\n");
      } else if (lines) {
        sendLines(first, events, response);
      } else {
        send(first, events, response);
      }
      scope.join();
    }
  }

  private void work(String id, String text, BlockingQueue<Event> events) {
    try {
      if (running.putIfAbsent(id, Thread.currentThread()) != null) {
        events.add(new Event.Conflict());
        return;
      }
      String answer;
      try {
        answer = service.answer(text, line -> events.add(new Event.Log(line)));
      } finally {
        running.remove(id);
      }
      events.add(new Event.Answer(answer));
    } finally {
      events.add(new Event.End());
    }
  }

  private static void send(Event first, BlockingQueue<Event> events, ServerResponse response)
      throws InterruptedException {
    for (Event event = first; !(event instanceof Event.End); event = events.take()) {
      if (event instanceof Event.Answer(var json)) {
        response.headers().set(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(json);
      }
    }
  }

  private static void sendLines(Event first, BlockingQueue<Event> events, ServerResponse response)
      throws InterruptedException {
    response.headers().contentType(LINES);
    try (PrintWriter out = new PrintWriter(response.outputStream(), false, UTF_8)) {
      for (Event event = first; !(event instanceof Event.End); event = events.take()) {
        switch (event) {
          case Event.Log(var line) -> print(out, "log", new StringNode(line));
          case Event.Answer(var json) -> print(out, "response", JsonMapper.shared().readTree(json));
          case Event.Conflict _, Event.End _ -> {}
        }
      }
    }
  }

  /** Each line goes out at once. */
  private static void print(PrintWriter out, String name, JsonNode value) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.set(name, value);
    out.println(JsonMapper.shared().writeValueAsString(node));
    out.flush();
  }

  private void cancel(ServerRequest request, ServerResponse response) {
    Thread thread = running.get(request.path().pathParameters().get("id"));
    if (thread == null) {
      response.status(Status.NOT_FOUND_404).send("There is no such request\n");
      return;
    }
    thread.interrupt();
    response.status(Status.ACCEPTED_202).send();
  }

  @Override
  public void close() {
    server.stop();
  }
}
