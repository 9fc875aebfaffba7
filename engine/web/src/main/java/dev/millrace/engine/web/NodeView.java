package dev.millrace.engine.web;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.StageCounts;
import dev.millrace.engine.core.StageState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One node as it is drawn and listed. Immutable. */
record NodeView(
    Diagram.Node node,
    Geometry.Rect place,
    String href,
    Optional<StageCounts> counts,
    Instant now) {
  private static final double TIME_ROOM = 44;

  StateLook look() {
    return StateLook.of(node.state());
  }

  boolean isAdvice() {
    return isAdvice(node);
  }

  /** Whether it is a failure that does not count. */
  static boolean isAdvice(Diagram.Node node) {
    return node.advisory() && StateLook.isBad(node.state());
  }

  String label() {
    return label(node);
  }

  static String label(Diagram.Node node) {
    String unnamed = node.kind() == Diagram.Kind.GATE ? "gate" : "stage";
    return node.label().isBlank() ? unnamed : LabelText.visible(node.label());
  }

  boolean isGate() {
    return node.kind() == Diagram.Kind.GATE;
  }

  boolean isFolded() {
    return node.kind() == Diagram.Kind.FOLDED;
  }

  /** What fits into the box. */
  String shortLabel() {
    if (isGate()) {
      return DiagramLayout.gateLabel(label());
    }
    String label = LabelText.shorten(label());
    double room = place.width() - 38 - (time().isPresent() || isFolded() ? TIME_ROOM : 8);
    int max = label.codePointCount(0, label.length());
    while (max > 4 && LabelText.width(label, 13) > room) {
      max--;
      label = LabelText.shorten(label(), max);
    }
    return label;
  }

  /** Label and state: the name of the link. */
  String name() {
    return label() + ", " + stateText() + counts.map(c -> ", " + countsText(c)).orElse("");
  }

  /** What is shown when one points at it. */
  String tip() {
    return name() + node.message().map(m -> "\n" + Reason.of(m).line()).orElse("");
  }

  private String stateText() {
    String word = look().word() + (isAdvice() ? " (does not count)" : "");
    return node.rebuilding().isPresent() ? word + ", rebuilding" : word;
  }

  /** How long it has been at it, while it is. */
  Optional<String> time() {
    if (node.state() != StageState.RUNNING && node.state() != StageState.QUEUED) {
      return Optional.empty();
    }
    return node.since().map(since -> Times.duration(Duration.between(since, now)));
  }

  Optional<String> since() {
    return time().isPresent() ? node.since().map(Times::iso) : Optional.empty();
  }

  /** {@code 2 ✗ 1 ◔ 12 ✓}: the states of a folded group, the worst first. */
  static String countsText(StageCounts counts) {
    List<String> parts = new ArrayList<>();
    for (StageState state : StateLook.BY_WEIGHT) {
      if (counts.of(state) > 0) {
        parts.add(counts.of(state) + " " + StateLook.of(state).counted());
      }
    }
    return String.join(", ", parts);
  }

  /** The same in signs, short enough for a box. */
  static String countsSigns(StageCounts counts) {
    List<String> parts = new ArrayList<>();
    for (StageState state : StateLook.BY_WEIGHT) {
      if (counts.of(state) > 0 && parts.size() < 2) {
        parts.add(counts.of(state) + StateLook.of(state).glyph());
      }
    }
    return String.join(" ", parts);
  }

  String x(double offset) {
    return Geometry.round(place.x() + offset);
  }

  String y(double offset) {
    return Geometry.round(place.y() + offset);
  }

  String width(double more) {
    return Geometry.round(place.width() + more);
  }

  String height(double more) {
    return Geometry.round(place.height() + more);
  }

  /** The diamond of a gate. */
  String diamond() {
    double x = place.middleX();
    double y = place.middleY();
    return "M%s %sl8 8 -8 8 -8 -8z".formatted(Geometry.round(x), Geometry.round(y - 8));
  }

  /** The line through a gate, from its box's edges to the diamond's tips. */
  String whiskers() {
    double x = place.middleX();
    String y = Geometry.round(place.middleY());
    return "M%s %sL%s %sM%s %sL%s %s"
        .formatted(
            x(0), y, Geometry.round(x - 8), y, Geometry.round(x + 8), y, x(place.width()), y);
  }
}
