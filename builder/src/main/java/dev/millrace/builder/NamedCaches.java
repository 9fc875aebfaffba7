package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories that outlive the runs that use them.
 *
 * <p>A cache is a folder of numbered versions: {@code 7.whole} is one by itself, {@code 8.diff} is
 * the difference to version 7. Each user works on a private copy of the newest version, made by an
 * overlay where there is one and by copying elsewhere; closing the copy publishes it as the next
 * version, unless somebody else did so first. Old versions are removed when nobody uses them.
 *
 * <p>Thread-safe: one lock per cache, held while it is opened and published.
 */
final class NamedCaches {
  private static final Logger LOG = LoggerFactory.getLogger(NamedCaches.class);
  private static final Pattern VERSION = Pattern.compile("(\\d{1,9})\\.(whole|diff)");

  /** More differences than this are copied into one. */
  private static final int DIFFERENCES_MAX = 8;

  private final StoreFolders folders;
  private final StepTrees trees;
  private final Optional<Overlay> overlay;
  private final Map<String, Cache> caches = new HashMap<>();

  NamedCaches(StoreFolders folders, StepTrees trees, Optional<Overlay> overlay) {
    this.folders = folders;
    this.trees = trees;
    this.overlay = overlay;
  }

  Store.CacheCopy open(String name, User owner) throws IOException, InterruptedException {
    return cache(name).open(owner);
  }

  List<Store.NamedCache> list() throws IOException {
    List<Store.NamedCache> all = new ArrayList<>();
    for (Path folder : StoreFolders.children(folders.root().resolve("cache"))) {
      all.add(
          new Store.NamedCache(
              CacheNames.name(folder.getFileName().toString()),
              Files.getLastModifiedTime(folder).toInstant()));
    }
    all.sort(Comparator.comparing(Store.NamedCache::name));
    return all;
  }

  /**
   * Removes one.
   *
   * @throws BuilderException if somebody has a copy open
   */
  void delete(String name) throws IOException, InterruptedException {
    if (!cache(name).delete()) {
      throw new BuilderException(
          "A build uses the cache \"%s\": try again when it has ended".formatted(name), null);
    }
  }

  private Cache cache(String name) {
    Path folder = folders.cache(name);
    synchronized (caches) {
      return caches.computeIfAbsent(folder.getFileName().toString(), _ -> new Cache(folder));
    }
  }

  /**
   * Removes differences, for who cannot read them: a cache begins again with what is whole.
   *
   * <p>Nobody may have one open.
   */
  static void removeDifferences(StoreFolders folders) throws IOException, InterruptedException {
    for (Path cache : StoreFolders.children(folders.root().resolve("cache"))) {
      for (Path version : StoreFolders.children(cache)) {
        if (version.getFileName().toString().endsWith(".diff")) {
          folders.discard(version);
        }
      }
    }
  }

  /** A version on disk. */
  private record Version(int number, boolean whole, Path path) {}

  /** One cache. */
  private final class Cache {
    private final Path folder;
    private int users;

    Cache(Path folder) {
      this.folder = folder;
    }

    // The lock is held during I/O on purpose: it is what keeps versions from vanishing meanwhile.
    synchronized Store.CacheCopy open(User owner) throws IOException, InterruptedException {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        folders.createFolder(folder);
      }
      List<Version> chain = chain();
      Path draft = folders.createDraft("cache");
      Copy copy = new Copy(this, draft, chain);
      try {
        copy.prepare(owner);
        users++;
        return copy;
      } catch (IOException | InterruptedException | BuilderException e) {
        // A command may have mounted it before it was killed.
        copy.release();
        Uninterrupted.run(() -> folders.discard(draft));
        throw e;
      }
    }

    /** Removes it, unless somebody uses it. */
    synchronized boolean delete() throws IOException, InterruptedException {
      if (users > 0) {
        return false;
      }
      folders.discard(folder);
      return true;
    }

    // Whoever calls this cannot be interrupted.
    synchronized void close(Copy copy) throws IOException, InterruptedException {
      users--;
      try {
        boolean first = !copy.discarded && newest(chain()) == newest(copy.chain);
        copy.finish(first);
        if (first && users == 0) {
          removeOld();
        }
      } finally {
        copy.release();
        folders.discard(copy.draft);
      }
    }

    /** The versions that make up the newest one, newest first. */
    private List<Version> chain() throws IOException {
      List<Version> chain = new ArrayList<>();
      for (Version version : versions()) {
        chain.add(version);
        if (version.whole()) {
          return chain;
        }
      }
      return List.of();
    }

    private List<Version> versions() throws IOException {
      List<Version> versions = new ArrayList<>();
      for (Path path : StoreFolders.children(folder)) {
        Matcher matcher = VERSION.matcher(path.getFileName().toString());
        if (matcher.matches()) {
          versions.add(
              new Version(
                  Integer.parseInt(matcher.group(1)), matcher.group(2).equals("whole"), path));
        }
      }
      versions.sort((a, b) -> Integer.compare(b.number(), a.number()));
      return versions;
    }

    private void removeOld() throws IOException, InterruptedException {
      List<Version> needed = chain();
      for (Version version : versions()) {
        if (!needed.contains(version)) {
          folders.discard(version.path());
        }
      }
    }

    private static int newest(List<Version> chain) {
      return chain.isEmpty() ? 0 : chain.getFirst().number();
    }
  }

  /** A private copy. */
  private final class Copy implements Store.CacheCopy {
    private final Cache cache;
    private final Path draft;
    private final List<Version> chain;
    private final Path upper;
    private final Path mountPoint;
    private final Path content;
    private boolean discarded;
    private boolean closed;

    Copy(Cache cache, Path draft, List<Version> chain) {
      this.cache = cache;
      this.draft = draft;
      this.chain = chain;
      this.upper = draft.resolve("upper");
      this.mountPoint = draft.resolve("merged");
      this.content = isOverlaid() ? overlay.get().seen(mountPoint) : upper;
    }

    private boolean isOverlaid() {
      return overlay.isPresent() && !chain.isEmpty();
    }

    void prepare(User owner) throws IOException, InterruptedException {
      if (chain.isEmpty()) {
        trees.createDirectory(upper, owner, 0755);
      } else if (overlay.isPresent()) {
        trees.createDirectory(upper, owner, 0755);
        folders.createFolder(draft.resolve("work"));
        folders.createFolder(mountPoint);
        List<Path> layers = chain.stream().map(Version::path).toList();
        overlay.get().mount(layers, upper, draft.resolve("work"), mountPoint);
      } else {
        trees.copy(chain.getFirst().path(), upper);
        trees.chown(upper, owner);
      }
    }

    void finish(boolean publish) throws IOException, InterruptedException {
      Path published = upper;
      boolean whole = !isOverlaid();
      if (isOverlaid()) {
        if (publish && chain.size() > DIFFERENCES_MAX) {
          published = draft.resolve("whole");
          whole = true;
          trees.copy(content, published);
        }
        if (publish) {
          overlay.get().unmount(mountPoint);
        }
      }
      if (publish) {
        Path target =
            cache.folder.resolve((Cache.newest(chain) + 1) + (whole ? ".whole" : ".diff"));
        Linux.syncFileSystem(cache.folder);
        trees.move(published, target);
      }
    }

    /** Leaves nothing mounted, whatever happened. */
    void release() {
      if (isOverlaid()) {
        overlay.get().detach(mountPoint);
      }
    }

    @Override
    public Path directory() {
      return content;
    }

    @Override
    public void discard() {
      discarded = true;
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      try {
        Uninterrupted.run(() -> cache.close(this));
      } catch (IOException e) {
        // The step has ended and its result does not depend on the cache.
        LOG.warn("Cannot publish the cache \"{}\"", cache.folder.getFileName(), e);
      }
    }
  }
}
