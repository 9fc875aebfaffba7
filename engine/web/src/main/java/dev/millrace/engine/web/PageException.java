package dev.millrace.engine.web;

import java.util.Map;

/** The request cannot be served; the user sees a page that says why, in the site's frame. */
final class PageException extends RuntimeException {
  private final int status;
  private final String title;
  // Not serialised: exceptions of this module never leave the process.
  private final transient Map<String, String> headers;

  private PageException(int status, String title, String message, Map<String, String> headers) {
    super(message);
    this.status = status;
    this.title = title;
    this.headers = headers;
  }

  static PageException notFound(String message) {
    return new PageException(404, "Not found", message, Map.of());
  }

  static PageException badRequest(String message) {
    return new PageException(400, "Cannot do that", message, Map.of());
  }

  static PageException forbidden(String message) {
    return new PageException(403, "Not allowed", message, Map.of());
  }

  static PageException conflict(String message) {
    return new PageException(409, "Cannot do that now", message, Map.of());
  }

  static PageException methodNotAllowed(String allowed) {
    return new PageException(
        405,
        "Wrong method",
        "This address answers only to " + allowed + ".",
        Map.of("Allow", allowed));
  }

  static PageException tooLarge(String message) {
    return new PageException(413, "Too much", message, Map.of());
  }

  static PageException tooMany(String message) {
    return new PageException(429, "Too many requests", message, Map.of("Retry-After", "1"));
  }

  static PageException unavailable(String message) {
    return new PageException(503, "Cannot do that now", message, Map.of("Retry-After", "10"));
  }

  static PageException busy(String message) {
    return new PageException(503, "Busy", message, Map.of("Retry-After", "10"));
  }

  int status() {
    return status;
  }

  String title() {
    return title;
  }

  Map<String, String> headers() {
    return headers;
  }
}
