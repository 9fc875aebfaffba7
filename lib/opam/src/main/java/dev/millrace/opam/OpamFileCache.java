package dev.millrace.opam;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Parsed files, by the identity of their content: share one between the commits of a repository.
 * Thread-safe, bounded.
 */
public final class OpamFileCache {
  private record Key(String contentId, String fileName) {}

  private final Cache<Key, OpamFile> files;

  private OpamFileCache(long filesMax) {
    files = Caffeine.newBuilder().maximumSize(filesMax).build();
  }

  /** Returns an empty cache of at most so many files. */
  public static OpamFileCache create(long filesMax) {
    return new OpamFileCache(filesMax);
  }

  /** Returns the parsed file, of bytes that are asked for only when it is not known. */
  Optional<OpamFile> find(String contentId, String fileName, Supplier<Optional<byte[]>> bytes) {
    var key = new Key(contentId, fileName);
    Optional<OpamFile> known = Optional.ofNullable(files.getIfPresent(key));
    if (known.isPresent()) {
      return known;
    }
    // Two threads may parse the same file at once; both get the same answer.
    Optional<OpamFile> parsed = bytes.get().map(content -> OpamFile.parse(content, fileName));
    parsed.ifPresent(file -> files.put(key, file));
    return parsed;
  }
}
