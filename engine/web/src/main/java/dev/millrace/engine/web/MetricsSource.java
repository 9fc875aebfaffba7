package dev.millrace.engine.web;

/** Something that has numbers to show on {@code /metrics}. */
@FunctionalInterface
public interface MetricsSource {
  /**
   * The numbers as they are now, in Prometheus' text format 0.0.4: whole lines, the last one ended
   * too. Called for each scrape, from any thread.
   */
  String text();
}
