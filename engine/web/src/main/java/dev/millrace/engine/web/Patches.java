package dev.millrace.engine.web;

import dev.millrace.engine.web.LiveStreams.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fragments of a page as last sent: only what differs is sent again. Owned by one stream.
 *
 * <p>Fragments are whole elements with an id ({@code html}, or {@code svg} for parts of the
 * diagram); the page puts them where the element with that id is.
 */
final class Patches {
  private final Map<String, String> sent = new HashMap<>();
  private final List<Event> events = new ArrayList<>();

  void html(String id, String fragment) {
    put(id, "html", fragment);
  }

  void svg(String id, String fragment) {
    put(id, "svg", fragment);
  }

  /** The page's title and icon, the latter in two forms. */
  void meta(String title, String icon, String picture) {
    put("", "meta", icon + " " + picture + " " + title);
  }

  private void put(String id, String kind, String fragment) {
    String before = sent.put(id, fragment);
    if (!fragment.equals(before)) {
      events.add(new Event(kind, fragment));
    }
  }

  /** Notes what the page shows already. */
  void forget() {
    events.clear();
  }

  List<Event> take() {
    List<Event> taken = List.copyOf(events);
    events.clear();
    return taken;
  }
}
