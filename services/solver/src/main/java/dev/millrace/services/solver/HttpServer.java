package dev.millrace.services.solver;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
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

  private void solve(ServerRequest request, ServerResponse response) {
    String id = request.path().pathParameters().get("id");
    String text = request.content().as(String.class);
    if (running.putIfAbsent(id, Thread.currentThread()) != null) {
      response.status(Status.CONFLICT_409).send("There is a request with this id already\n");
      return;
    }
    if (request.headers().acceptedTypes().stream()
        .anyMatch(type -> type.text().equals(LINES.text()))) {
      response.headers().contentType(LINES);
      try (PrintWriter lines = new PrintWriter(response.outputStream(), false, UTF_8)) {
        String answer = answer(id, text, line -> print(lines, "log", new StringNode(line)));
        print(lines, "response", JsonMapper.shared().readTree(answer));
      }
    } else {
      String answer = answer(id, text, _ -> {});
      response.headers().set(HeaderNames.CONTENT_TYPE, "application/json");
      response.send(answer);
    }
  }

  private String answer(String id, String text, Consumer<String> log) {
    try {
      return service.answer(text, log);
    } finally {
      running.remove(id);
      // A late cancellation is not for whoever uses this thread next.
      Thread.interrupted();
    }
  }

  /** Several threads report; each line goes out at once. */
  private static void print(PrintWriter lines, String name, JsonNode value) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    node.set(name, value);
    String line = JsonMapper.shared().writeValueAsString(node);
    synchronized (lines) {
      lines.println(line);
      lines.flush();
    }
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
