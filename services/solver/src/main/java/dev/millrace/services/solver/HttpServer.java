package dev.millrace.services.solver;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers requests over HTTP: {@code POST /solve/ID} with a request in solver-service's JSON is
 * answered by its response when it is done; {@code DELETE /solve/ID} ends it early; {@code GET
 * /health} says that the server is there.
 */
public final class HttpServer implements AutoCloseable {
  /** A project with hundreds of opam files stays well below it. */
  private static final int REQUEST_MAX = 32 << 20;

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
    String answer;
    try {
      answer = service.answer(text, _ -> {});
    } finally {
      running.remove(id);
      // A late cancellation is not for whoever uses this thread next.
      Thread.interrupted();
    }
    response.headers().set(HeaderNames.CONTENT_TYPE, "application/json");
    response.send(answer);
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
