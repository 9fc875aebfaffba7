package dev.millrace.opam;

import dev.millrace.opam.IndexSnapshot.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A commit of a git repository with an index of what its files say. The files themselves are opened
 * when one is asked for. Thread-safe.
 */
final class IndexedRepository implements OpamRepository {
  private final IndexSnapshot index;
  private final Supplier<TreeRepository> opening;
  private final Path path;
  private final Object lock = new Object();

  // Read and written under the lock only.
  private @Nullable TreeRepository files;

  /**
   * Takes what is known of a commit, and how to open its files, which are closed with the
   * repository.
   */
  IndexedRepository(Path path, IndexSnapshot index, Supplier<TreeRepository> opening) {
    this.path = path;
    this.index = index;
    this.opening = opening;
  }

  private TreeRepository files() {
    synchronized (lock) {
      TreeRepository known = files;
      if (known == null) {
        known = opening.get();
        files = known;
      }
      return known;
    }
  }

  @Override
  public List<PackageName> listNames() {
    return index.listNames();
  }

  @Override
  public List<PackageVersion> listVersions(PackageName name) {
    return index
        .versions(name)
        .map(versions -> versions.list().stream().map(Version::version).toList())
        .orElse(List.of());
  }

  private Optional<ObjectName> file(Package target) {
    return index.versions(target.name()).flatMap(versions -> versions.file(target.version()));
  }

  @Override
  public Optional<PackageTerms> findTerms(Package target) {
    Optional<ObjectName> file = file(target);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    Optional<PackageTerms> known = index.terms().find(file.get());
    // A file that has a fault, or could not be read, is looked at again: then it says what is
    // wrong.
    return known.isPresent() ? known : files().findTerms(target);
  }

  @Override
  public String fingerprint(PackageName name) {
    return index.versions(name).map(versions -> versions.tree().toString()).orElse("");
  }

  @Override
  public Set<PackageName> listChanged(OpamRepository earlier) {
    return earlier instanceof IndexedRepository indexed
        ? index.changedSince(indexed.index)
        : OpamRepository.super.listChanged(earlier);
  }

  @Override
  public String fingerprint(Package target) {
    return file(target).map(ObjectName::toString).orElse("");
  }

  @Override
  public Optional<OpamFile> find(Package target) {
    return files().find(target);
  }

  @Override
  public Optional<byte[]> findBytes(Package target) {
    return files().findBytes(target);
  }

  @Override
  public Map<String, byte[]> listFiles(Package target) {
    return files().listFiles(target);
  }

  @Override
  public String identity() {
    return index.commit().toString();
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (files != null) {
        files.close();
      }
    }
  }

  @Override
  public String toString() {
    return "opam repository " + path + " at " + index.commit().toString();
  }
}
