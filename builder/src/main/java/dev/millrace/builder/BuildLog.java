package dev.millrace.builder;

/**
 * Takes what a build has to say, in order. Called by one thread at a time; must not block for long.
 */
public interface BuildLog {
  /** A new operation begins: {@code /src: (run (shell "make"))}. */
  void heading(String text);

  /** Something to know: {@code ---> saved as "…"}. */
  void note(String text);

  /** The operation was made before, and its log comes now; a note follows that. */
  default void found() {}

  /** The operation is made now, perhaps for another build too; its log comes as it grows. */
  default void started() {}

  /** Raw output of a step; the buffer is reused afterwards. */
  void output(byte[] buffer, int length);
}
