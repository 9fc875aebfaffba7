package dev.millrace.plugins.git;

import java.io.IOException;
import java.net.UnknownHostException;
import java.util.function.Supplier;
import org.eclipse.jgit.errors.MissingObjectException;
import org.jspecify.annotations.Nullable;

/**
 * The boundary to JGit.
 *
 * <p>On data that is damaged, or made to damage, JGit fails with whatever exception comes up: index
 * errors, its own unchecked ones, an exhausted heap. What it was told to read is to blame for all
 * of them, so they become one {@link GitException} here, and only here.
 */
final class JGitCalls {
  private JGitCalls() {}

  /** Something that JGit does. */
  interface Call<T extends @Nullable Object> {
    /** Does it. */
    T run() throws IOException;
  }

  /**
   * Runs a call that reads.
   *
   * @param what what is being read, as the rest of "Cannot read …"
   * @throws GitException if it cannot be read
   */
  static <T extends @Nullable Object> T read(String what, Call<T> call) {
    return read(() -> what, call);
  }

  /** Runs a call that reads; what is read is put into words only when it cannot be. */
  static <T extends @Nullable Object> T read(Supplier<String> what, Call<T> call) {
    try {
      return call.run();
    } catch (GitException e) {
      throw e;
    } catch (MissingObjectException e) {
      throw new GitException(
          "Cannot read %s: the repository lacks %s (a shallow or partial clone, or a damaged one)"
              .formatted(what.get(), e.getObjectId() == null ? "it" : e.getObjectId().name()),
          e);
    } catch (IOException | RuntimeException e) {
      throw new GitException("Cannot read %s: %s".formatted(what.get(), reason(e)), e);
    } catch (OutOfMemoryError | StackOverflowError e) {
      throw new GitException(
          "Cannot read %s: it takes more memory than there is".formatted(what.get()), e);
    }
  }

  /** What went wrong, in one line: the words of the innermost cause that has some. */
  static String reason(Throwable failure) {
    String text = failure.getClass().getSimpleName();
    int depth = 0;
    for (Throwable at = failure; at != null && depth < 20; at = at.getCause(), depth++) {
      if (at.getMessage() != null && !at.getMessage().isBlank()) {
        text =
            at instanceof UnknownHostException
                ? "cannot find the host " + at.getMessage()
                : at.getMessage();
      }
    }
    return Printable.of(text.strip());
  }
}
