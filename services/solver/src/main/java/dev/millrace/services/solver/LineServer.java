package dev.millrace.services.solver;

import dev.millrace.base.TaskScope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers requests that come as lines, many at once: {@code {"id": "a", "request": {…}}} is
 * answered by {@code {"id": "a", "response": […]}} when it is done, after any number of {@code
 * {"id": "a", "log": "…"}}; {@code {"id": "a", "cancel": true}} ends it early.
 */
public final class LineServer {
  /** How many requests may be open at once; reading waits. */
  private static final int OPEN_MAX = 256;

  private final SolverService service;
  private final PrintWriter out;
  private final ConcurrentHashMap<String, Thread> running = new ConcurrentHashMap<>();

  private LineServer(SolverService service, PrintWriter out) {
    this.service = service;
    this.out = out;
  }

  /** Answers until the lines end, and then what is still open. */
  public static void serve(SolverService service, BufferedReader in, PrintWriter out)
      throws IOException, InterruptedException {
    new LineServer(service, out).serve(in);
  }

  private void serve(BufferedReader in) throws IOException, InterruptedException {
    try (TaskScope scope = TaskScope.open("solver-line", OPEN_MAX)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isBlank()) {
          take(line, scope);
        }
      }
      scope.join();
    }
  }

  private void take(String line, TaskScope scope) {
    JsonNode node;
    try {
      node = JsonMapper.shared().readTree(line);
    } catch (JacksonException e) {
      respond("", Protocol.renderError("Bad request: the line is not JSON"));
      return;
    }
    String id = node.path("id").isString() ? node.path("id").asString() : "";
    if (node.path("cancel").asBoolean(false)) {
      Thread thread = running.get(id);
      if (thread != null) {
        thread.interrupt();
      }
      return;
    }
    String request = JsonMapper.shared().writeValueAsString(node.path("request"));
    scope.fork(
        () -> {
          running.put(id, Thread.currentThread());
          String response = service.answer(request, text -> log(id, text));
          running.remove(id, Thread.currentThread());
          respond(id, response);
        });
  }

  private void log(String id, String text) {
    ObjectNode node = JsonMapper.shared().createObjectNode().put("id", id).put("log", text);
    print(JsonMapper.shared().writeValueAsString(node));
  }

  private void respond(String id, String response) {
    ObjectNode node = JsonMapper.shared().createObjectNode().put("id", id);
    node.set("response", JsonMapper.shared().readTree(response));
    print(JsonMapper.shared().writeValueAsString(node));
  }

  private void print(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
