package dev.millrace.builder;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which store, and where, as OBuilder's {@code --store} has it: {@code overlayfs:/path}.
 *
 * @param kind which
 * @param directory where, absolute
 */
public record StoreSpec(Kind kind, Path directory) {
  /** The kinds of stores. */
  public enum Kind {
    /** Differences, by overlayfs. */
    OVERLAYFS("overlayfs"),
    /** Subvolumes of btrfs. */
    BTRFS("btrfs"),
    /** Copies that share blocks, on xfs and other file systems that can. */
    REFLINK("xfs"),
    /** Copies, which share their unchanged files once they are made. */
    COPY("rsync");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }

    /** What stands before the colon. */
    public String prefix() {
      return prefix;
    }
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it cannot be meant, in words for users
   */
  public static StoreSpec parse(String text) {
    int colon = text.indexOf(':');
    Optional<Kind> kind =
        Arrays.stream(Kind.values())
            .filter(known -> colon > 0 && known.prefix().equals(text.substring(0, colon)))
            .findFirst();
    Path directory = Path.of(text.substring(colon + 1));
    if (kind.isEmpty() || !directory.isAbsolute()) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as a store: expected one of %s"
              .formatted(
                  text,
                  Arrays.stream(Kind.values())
                      .map(known -> known.prefix() + ":/path")
                      .collect(Collectors.joining(", "))));
    }
    return new StoreSpec(kind.get(), directory);
  }

  @Override
  public String toString() {
    return kind.prefix() + ":" + directory;
  }
}
