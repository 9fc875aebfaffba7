package dev.millrace.opam;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells when it is closed. */
record RecordingRepository(OpamRepository inner, Runnable onClose) implements OpamRepository {
  @Override
  public List<PackageName> listNames() {
    return inner.listNames();
  }

  @Override
  public List<PackageVersion> listVersions(PackageName name) {
    return inner.listVersions(name);
  }

  @Override
  public Optional<OpamFile> find(Package target) {
    return inner.find(target);
  }

  @Override
  public Optional<byte[]> findBytes(Package target) {
    return inner.findBytes(target);
  }

  @Override
  public Map<String, byte[]> listFiles(Package target) {
    return inner.listFiles(target);
  }

  @Override
  public String identity() {
    return inner.identity();
  }

  @Override
  public void close() {
    onClose.run();
  }
}
