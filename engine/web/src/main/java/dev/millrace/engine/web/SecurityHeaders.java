package dev.millrace.engine.web;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** The headers that every answer carries, whatever it is. */
final class SecurityHeaders {
  static final Map<String, String> ALL = all();

  /** Has browsers come back over encrypted connections only. */
  static final String ENCRYPTED_ONLY = "Strict-Transport-Security";

  private SecurityHeaders() {}

  /**
   * The headers of one site.
   *
   * @param secure whether browsers find it over encrypted connections
   */
  static Map<String, String> of(boolean secure) {
    if (!secure) {
      return ALL;
    }
    SequencedMap<String, String> headers = new LinkedHashMap<>(ALL);
    headers.put(ENCRYPTED_ONLY, "max-age=31536000");
    return Collections.unmodifiableSequencedMap(headers);
  }

  private static Map<String, String> all() {
    SequencedMap<String, String> headers = new LinkedHashMap<>();
    headers.put(
        "Content-Security-Policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("X-Frame-Options", "DENY");
    headers.put("Referrer-Policy", "same-origin");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    headers.put(
        "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    return Collections.unmodifiableSequencedMap(headers);
  }
}
