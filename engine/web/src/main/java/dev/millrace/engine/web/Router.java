package dev.millrace.engine.web;

import dev.millrace.engine.web.spi.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the handler of a path. Filled once, then read only. */
final class Router {
  private final List<Route> routes = new ArrayList<>();

  /** Answers one request. */
  @FunctionalInterface
  interface Handler {
    /** Answers; {@code parts} are the parts of the path that the route names in braces. */
    void handle(Exchange exchange, Map<String, String> parts) throws Exception;
  }

  /** A route and what its path said. */
  record Match(Route route, Map<String, String> parts) {}

  /**
   * One address.
   *
   * @param pattern such as {@code /job/{date}/{name}}; one that ends with a slash takes all below
   * @param post whether it changes something
   * @param role what it takes; empty if it is for everybody
   */
  record Route(String pattern, boolean post, Optional<Role> role, Handler handler) {}

  /** An address for whoever has the role. */
  void get(String pattern, Role role, Handler handler) {
    routes.add(new Route(pattern, false, Optional.of(role), handler));
  }

  /** The same for changes. */
  void post(String pattern, Role role, Handler handler) {
    routes.add(new Route(pattern, true, Optional.of(role), handler));
  }

  /** An address for everybody. */
  void getFreely(String pattern, Handler handler) {
    routes.add(new Route(pattern, false, Optional.empty(), handler));
  }

  /** The same for changes of nothing but what the visitor's own browser keeps. */
  void postFreely(String pattern, Handler handler) {
    routes.add(new Route(pattern, true, Optional.empty(), handler));
  }

  List<Route> routes() {
    return List.copyOf(routes);
  }

  Match find(String method, String path) {
    boolean post = method.equals("POST");
    boolean other = false;
    for (Route route : routes) {
      Map<String, String> parts = new LinkedHashMap<>();
      if (matches(route.pattern(), path, parts)) {
        if (route.post() == post && (post || method.equals("GET") || method.equals("HEAD"))) {
          return new Match(route, parts);
        }
        other |= route.post();
      }
    }
    boolean known =
        routes.stream().anyMatch(r -> matches(r.pattern(), path, new LinkedHashMap<>()));
    if (known) {
      throw PageException.methodNotAllowed(other ? "POST" : "GET, HEAD");
    }
    throw PageException.notFound("There is no page at " + path + ".");
  }

  private static boolean matches(String pattern, String path, Map<String, String> parts) {
    if (pattern.length() > 1 && pattern.endsWith("/")) {
      return path.startsWith(pattern);
    }
    String[] wanted = pattern.split("/", -1);
    String trimmed =
        path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    String[] given = trimmed.split("/", -1);
    if (wanted.length != given.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].startsWith("{")) {
        parts.put(wanted[i].substring(1, wanted[i].length() - 1), given[i]);
      } else if (!wanted[i].equals(given[i])) {
        return false;
      }
    }
    return true;
  }
}
