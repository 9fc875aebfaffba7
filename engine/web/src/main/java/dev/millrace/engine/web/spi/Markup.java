package dev.millrace.engine.web.spi;

/**
 * A piece of HTML that is known to be safe: made by a template that escapes, never by joining
 * strings with data.
 *
 * @param html well-formed, without inline script, inline style or style attributes (the content
 *     security policy forbids them)
 */
public record Markup(String html) {
  /** Nothing. */
  public static final Markup EMPTY = new Markup("");
}
