package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether an ordinary user may have further users in a user namespace: what {@code /etc/subuid} and
 * {@code /etc/subgid} grant. Immutable.
 *
 * @param user the user's name
 * @param granted whether there is a range of 65536 of both
 * @param firstFree where such a range could begin that nobody else has
 */
public record SubordinateIds(String user, boolean granted, long firstFree) {
  /** What a step's ids need: 0 is the user, and the rest are one range. */
  private static final long COUNT = 65536;

  /** Where distributions begin to grant. */
  private static final long FIRST = 100_000;

  /** Reads what is granted on this machine to who runs this program. */
  static SubordinateIds ofThisUser() throws IOException {
    return read(Path.of("/etc"), UserIds.name(), UserIds.uid());
  }

  /**
   * Reads what is granted.
   *
   * @param etc the directory with {@code subuid} and {@code subgid}; missing ones grant nothing
   */
  public static SubordinateIds read(Path etc, String user, int uid) throws IOException {
    List<Range> users = ranges(etc.resolve("subuid"));
    List<Range> groups = ranges(etc.resolve("subgid"));
    long free = FIRST;
    for (List<Range> ranges : List.of(users, groups)) {
      for (Range range : ranges) {
        free = Math.max(free, range.first() + range.count());
      }
    }
    return new SubordinateIds(user, has(users, user, uid) && has(groups, user, uid), free);
  }

  /** Only the first counts: it is the one that {@code unshare --map-auto} takes. */
  private static boolean has(List<Range> ranges, String user, int uid) {
    return ranges.stream()
        .filter(range -> range.owner().equals(user) || range.owner().equals(Integer.toString(uid)))
        .findFirst()
        .filter(range -> range.count() >= COUNT)
        .isPresent();
  }

  private record Range(String owner, long first, long count) {}

  private static List<Range> ranges(Path file) throws IOException {
    List<Range> ranges = new ArrayList<>();
    if (Files.isReadable(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] fields = line.strip().split(":", -1);
        if (fields.length == 3
            && fields[1].matches("\\d{1,10}")
            && fields[2].matches("\\d{1,10}")) {
          ranges.add(new Range(fields[0], Long.parseLong(fields[1]), Long.parseLong(fields[2])));
        }
      }
    }
    return ranges;
  }

  /** What the administrator can do about it, as a command. */
  public String remedy() {
    String range = firstFree + "-" + (firstFree + COUNT - 1);
    return "usermod --add-subuids %s --add-subgids %s %s".formatted(range, range, user);
  }
}
