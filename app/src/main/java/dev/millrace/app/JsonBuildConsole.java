package dev.millrace.app;

import dev.millrace.builder.BuildResult;
import java.io.PrintWriter;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Prints an object a line: {@code event}, and what belongs to that kind of event. */
final class JsonBuildConsole implements BuildConsole {
  private final PrintWriter out;
  private final StreamText text = new StreamText();

  JsonBuildConsole(PrintWriter out) {
    this.out = out;
  }

  private void event(String kind, Consumer<ObjectNode> fields) {
    ObjectNode event = JsonMapper.shared().createObjectNode().put("event", kind);
    fields.accept(event);
    out.println(JsonMapper.shared().writeValueAsString(event));
    out.flush();
  }

  private void text(String kind, String content) {
    event(kind, event -> event.put("text", content));
  }

  @Override
  public void heading(String heading) {
    text("heading", heading);
  }

  @Override
  public void found() {
    event("found", _ -> {});
  }

  @Override
  public void started() {
    event("started", _ -> {});
  }

  @Override
  public void note(String note) {
    String rest = text.end();
    if (!rest.isEmpty()) {
      text("output", rest);
    }
    text("note", note);
  }

  @Override
  public void output(byte[] buffer, int length) {
    text("output", text.decode(buffer, length));
  }

  @Override
  public void built(BuildResult.Built result) {
    event("built", event -> event.put("id", result.id().hex()));
  }

  @Override
  public void failed(BuildResult.Failed result) {
    event("failed", event -> event.put("message", result.message()));
  }

  @Override
  public void cancelled() {
    event("cancelled", _ -> {});
  }

  @Override
  public void close() {
    out.flush();
  }
}
