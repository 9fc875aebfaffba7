package dev.millrace.engine.core;

/**
 * Something outside that changes by itself: a branch, a directory, a list of repositories.
 *
 * <p>The engine calls these on one virtual thread, one at a time: {@link #watch}, then {@link
 * #read}, then read again after each refresh, and at last closes the watch. Both may block; both
 * are interrupted when the engine closes. A read that fails is tried again later, with growing
 * pauses, while the last good value is still shown.
 *
 * @param <T> what it reads; with a meaningful {@code equals}
 */
public interface Monitor<T> {
  /**
   * Reads the present value.
   *
   * @throws Exception if it cannot; the message is shown
   */
  T read() throws Exception;

  /**
   * Begins to watch.
   *
   * @param refresh to be called, from any thread, whenever the value may have changed
   * @return ends the watch
   */
  AutoCloseable watch(Runnable refresh) throws Exception;
}
