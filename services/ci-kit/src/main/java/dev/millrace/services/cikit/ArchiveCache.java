package dev.millrace.services.cikit;

import dev.millrace.base.TaskScope;
import dev.millrace.opam.OpamHash;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Keeps the sources of packages, by their checksums.
 *
 * <p>On disk it is laid out as opam's archive mirrors are: {@code sha256/XX/HASH} is the file, and
 * the paths of its other checksums are links to it. Nothing is kept whose checksums are not all
 * right; a file appears under its name only when it is whole and on disk. Thread-safe, also between
 * processes.
 */
public final class ArchiveCache {
  /** How many addresses of a package are tried: each may take as long as it is allowed to. */
  private static final int URLS_MAX = 8;

  private static final int MESSAGE_MAX = 500;

  private final Path directory;
  private final ArchiveCacheConfig config;
  private final Download download;

  private ArchiveCache(Path directory, ArchiveCacheConfig config, LongSupplier nanoseconds) {
    this.directory = directory;
    this.config = config;
    this.download = new Download(config, nanoseconds);
  }

  /** A cache below {@code directory}, which is made when needed. */
  public static ArchiveCache open(Path directory, ArchiveCacheConfig config) {
    return new ArchiveCache(directory.toAbsolutePath(), config, System::nanoTime);
  }

  /**
   * Brings all of these here, several at once.
   *
   * @param log gets a line for each file that was not here yet
   * @throws CiKitException if some cannot be had: all of them, with what was tried
   */
  public void fetch(List<ArchiveSource> sources, Consumer<String> log) throws InterruptedException {
    Map<OpamHash, ArchiveSource> distinct = new LinkedHashMap<>();
    sources.forEach(source -> distinct.putIfAbsent(strongest(source), source));
    List<TaskScope.Task<List<String>>> attempts = new ArrayList<>();
    try (TaskScope scope = TaskScope.open("archives", config.parallelMax())) {
      for (ArchiveSource source : distinct.values()) {
        attempts.add(scope.fork(() -> fetchOne(source, log)));
      }
      scope.join();
    } catch (TaskScope.TaskFailedException e) {
      throw CiKitException.passing(
          "Cannot keep sources in \"%s\": %s".formatted(directory, describe(e.failure())),
          e.failure());
    }
    List<String> problems = attempts.stream().flatMap(task -> task.result().stream()).toList();
    if (!problems.isEmpty()) {
      throw CiKitException.passing(
          String.join("\n", problems), new IOException("downloads failed"));
    }
  }

  /** Where a file is; empty if it is not here. */
  public Optional<Path> find(ArchiveSource source) throws IOException {
    Path first = directory.resolve(strongest(source).mirrorPath());
    if (!Files.exists(first)) {
      return Optional.empty();
    }
    Path file = first.toRealPath();
    for (OpamHash checksum : source.checksums()) {
      Path link = directory.resolve(checksum.mirrorPath());
      // A weaker checksum may name another file: then this one was never held against it.
      if (!Files.exists(link) || !link.toRealPath().equals(file)) {
        return recheck(file, source);
      }
    }
    return Optional.of(file);
  }

  /**
   * Where a file is.
   *
   * @throws IllegalStateException if it was not fetched
   */
  Path require(ArchiveSource source) throws IOException {
    return find(source)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The source %s of %s was not fetched"
                        .formatted(strongest(source), source.pkg())));
  }

  static OpamHash strongest(ArchiveSource source) {
    return source.checksums().stream().max(Comparator.comparing(OpamHash::kind)).orElseThrow();
  }

  /** What a link to a file contains, from the place of another checksum in the same layout. */
  static Path linkTarget(OpamHash checksum) {
    return Path.of("..", "..", checksum.mirrorPath());
  }

  private Optional<Path> recheck(Path file, ArchiveSource source) throws IOException {
    Digests digests = new Digests(source);
    try (InputStream in = Files.newInputStream(file)) {
      digests.copy(in, OutputStream.nullOutputStream(), Long.MAX_VALUE);
    }
    return digests.mismatch(source).isPresent() ? Optional.empty() : Optional.of(file);
  }

  /** Returns what went wrong: nothing, or one text of several lines. */
  private List<String> fetchOne(ArchiveSource source, Consumer<String> log)
      throws IOException, InterruptedException {
    if (find(source).isPresent()) {
      return List.of();
    }
    Files.createDirectories(directory);
    List<String> tried = new ArrayList<>();
    for (Origin origin : origins(source)) {
      Path temporary = Files.createTempFile(directory, "incoming-", ".part");
      try {
        Optional<String> problem = attempt(origin, source, temporary);
        if (problem.isEmpty()) {
          log.accept(
              "Got the source of %s from %s".formatted(source.pkg(), line(origin.address())));
          return List.of();
        }
        tried.add("  %s: %s".formatted(line(origin.address()), line(problem.get())));
      } finally {
        Files.deleteIfExists(temporary);
      }
    }
    if (tried.isEmpty()) {
      tried.add("  no address is known");
    }
    return List.of(
        "Cannot get the source of %s (%s):\n%s"
            .formatted(source.pkg(), strongest(source), String.join("\n", tried)));
  }

  private Optional<String> attempt(Origin origin, ArchiveSource source, Path temporary)
      throws IOException, InterruptedException {
    Digests digests = new Digests(source);
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE);
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
      try {
        switch (origin) {
          case Origin.Local(Path file) -> {
            try (InputStream in = Files.newInputStream(file)) {
              digests.copy(in, out, config.bytesMax());
            }
          }
          case Origin.Remote(String address, Download.Reach reach) ->
              download.copy(address, reach, digests.through(out));
        }
      } catch (IOException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        return Optional.of(describe(e));
      }
      Optional<String> mismatch = digests.mismatch(source);
      if (mismatch.isPresent()) {
        return mismatch;
      }
      out.flush();
      channel.force(true);
    }
    publish(temporary, digests, source);
    return Optional.empty();
  }

  private void publish(Path temporary, Digests digests, ArchiveSource source) throws IOException {
    OpamHash name = digests.sha256();
    Path file = prepare(name);
    if (!Files.exists(file)) {
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      sync(name);
    }
    for (OpamHash checksum : source.checksums()) {
      Path link = prepare(checksum);
      if (checksum.equals(name) || Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      link(link, name);
      sync(checksum);
    }
  }

  private static void link(Path link, OpamHash name) throws IOException {
    try {
      Files.createSymbolicLink(link, linkTarget(name));
    } catch (FileAlreadyExistsException e) {
      // Another fetch of the same file was quicker: it has made this very link.
    }
  }

  private Path prepare(OpamHash checksum) throws IOException {
    Path path = directory.resolve(checksum.mirrorPath());
    Files.createDirectories(path.resolveSibling(""));
    return path;
  }

  /** Makes the name of a file survive a loss of power. */
  private void sync(OpamHash checksum) throws IOException {
    Path parent = directory.resolve(checksum.mirrorPath()).resolveSibling("");
    try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private List<Origin> origins(ArchiveSource source) {
    List<Origin> origins = new ArrayList<>();
    List<OpamHash> checksums =
        source.checksums().stream()
            .sorted(Comparator.comparing(OpamHash::kind).reversed())
            .toList();
    for (String mirror : config.mirrors()) {
      for (OpamHash checksum : checksums) {
        if (isHttp(mirror)) {
          String slash = mirror.endsWith("/") ? "" : "/";
          origins.add(
              new Origin.Remote(mirror + slash + checksum.mirrorPath(), Download.Reach.ANY));
        } else {
          Path root = Path.of(mirror.startsWith("file://") ? mirror.substring(7) : mirror);
          Path file = root.resolve(checksum.mirrorPath());
          if (Files.isRegularFile(file)) {
            origins.add(new Origin.Local(file));
          }
        }
      }
    }
    source.urls().stream()
        .limit(URLS_MAX)
        .forEach(url -> origins.add(new Origin.Remote(url, Download.Reach.PUBLIC)));
    return origins;
  }

  private static boolean isHttp(String address) {
    return address.startsWith("http://") || address.startsWith("https://");
  }

  /** Addresses come from packages, and problems from servers. */
  private static String line(String text) {
    String start = text.length() <= MESSAGE_MAX ? text : text.substring(0, MESSAGE_MAX) + "…";
    return start.replaceAll("\\p{Cntrl}", "?");
  }

  private static String describe(Throwable e) {
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return "\"%s\": %s".formatted(file.getFile(), file.getReason());
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private sealed interface Origin {
    String address();

    record Local(Path file) implements Origin {
      @Override
      public String address() {
        return file.toString();
      }
    }

    record Remote(String address, Download.Reach reach) implements Origin {}
  }

  /** Computes all checksums that matter while a file is copied. */
  private static final class Digests {
    private final Map<OpamHash.Kind, MessageDigest> running = new EnumMap<>(OpamHash.Kind.class);
    private final Map<OpamHash.Kind, String> results = new EnumMap<>(OpamHash.Kind.class);

    Digests(ArchiveSource source) {
      Set<OpamHash.Kind> needed = EnumSet.of(OpamHash.Kind.SHA256);
      source.checksums().forEach(checksum -> needed.add(checksum.kind()));
      needed.forEach(kind -> running.put(kind, digest(kind)));
    }

    private static MessageDigest digest(OpamHash.Kind kind) {
      try {
        return MessageDigest.getInstance(kind.algorithm());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every JDK has " + kind.algorithm(), e);
      }
    }

    void copy(InputStream in, OutputStream out, long bytesMax) throws IOException {
      OutputStream both = through(out);
      byte[] buffer = new byte[64 * 1024];
      long total = 0;
      while (true) {
        int length = in.read(buffer);
        if (length < 0) {
          return;
        }
        total += length;
        if (total > bytesMax) {
          throw new IOException("it has more than %d bytes".formatted(bytesMax));
        }
        both.write(buffer, 0, length);
      }
    }

    OutputStream through(OutputStream out) {
      return new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
          running.values().forEach(digest -> digest.update(buffer, offset, length));
          out.write(buffer, offset, length);
        }
      };
    }

    /** What is wrong, if something is. */
    Optional<String> mismatch(ArchiveSource source) {
      finish();
      return source.checksums().stream()
          .filter(checksum -> !checksum.hex().equals(results.get(checksum.kind())))
          .findFirst()
          .map(
              checksum ->
                  "it has the wrong content: expected %s, got %s=%s"
                      .formatted(checksum, checksum.kind(), results.get(checksum.kind())));
    }

    OpamHash sha256() {
      finish();
      OpamHash.Kind algorithm = OpamHash.Kind.SHA256;
      return new OpamHash(algorithm, results.getOrDefault(algorithm, ""));
    }

    private void finish() {
      running.forEach(
          (algorithm, digest) ->
              results.computeIfAbsent(algorithm, _ -> HexFormat.of().formatHex(digest.digest())));
    }
  }
}
