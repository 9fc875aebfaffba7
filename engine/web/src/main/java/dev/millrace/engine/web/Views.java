package dev.millrace.engine.web;

import dev.millrace.engine.core.StageState;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.TemplateOutput;
import gg.jte.html.escape.Escape;
import gg.jte.output.StringOutput;
import java.util.EnumMap;
import java.util.Map;

/** The templates, compiled at build time. Thread-safe. */
final class Views {
  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Views.class.getClassLoader(), Views.class.getPackageName());
  private final Map<StageState, String> chips = new EnumMap<>(StageState.class);

  Views() {
    for (StageState state : StageState.values()) {
      chips.put(state, render("chip.jte", Map.of("state", state)));
    }
  }

  String render(String template, Map<String, Object> parameters) {
    StringOutput output = new StringOutput();
    engine.render(template, parameters, output);
    return output.toString();
  }

  void render(String template, Map<String, Object> parameters, TemplateOutput output) {
    engine.render(template, parameters, output);
  }

  /** A chip without anything but its state. */
  String chip(StageState state) {
    return java.util.Objects.requireNonNull(chips.get(state));
  }

  /** Text as the templates would write it. */
  String escape(String text) {
    StringOutput output = new StringOutput();
    Escape.htmlContent(text, output);
    return output.toString();
  }
}
