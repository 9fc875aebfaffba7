package dev.millrace.opam;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Several repositories as one; for each version, the last one that has it counts. */
final class OverlayRepository implements OpamRepository {
  private final List<OpamRepository> layers;

  /** Takes the layers, which it closes, the one that counts first. */
  OverlayRepository(List<OpamRepository> layers) {
    this.layers = List.copyOf(layers);
  }

  @Override
  public List<PackageName> listNames() {
    var names = new TreeSet<PackageName>();
    layers.forEach(layer -> names.addAll(layer.listNames()));
    return List.copyOf(names);
  }

  @Override
  public List<PackageVersion> listVersions(PackageName name) {
    var versions = new TreeSet<PackageVersion>(PackageVersion.LISTING);
    layers.forEach(layer -> versions.addAll(layer.listVersions(name)));
    return List.copyOf(versions);
  }

  @Override
  public Optional<OpamFile> find(Package target) {
    return layer(target).flatMap(layer -> layer.find(target));
  }

  @Override
  public Optional<byte[]> findBytes(Package target) {
    return layer(target).flatMap(layer -> layer.findBytes(target));
  }

  @Override
  public Map<String, byte[]> listFiles(Package target) {
    return layer(target).map(layer -> layer.listFiles(target)).orElse(Map.of());
  }

  private Optional<OpamRepository> layer(Package target) {
    return layers.stream()
        .filter(layer -> layer.listVersions(target.name()).contains(target.version()))
        .findFirst();
  }

  @Override
  public String identity() {
    return TreeDigest.of(layers.stream().map(OpamRepository::identity).toList());
  }

  @Override
  public void close() {
    var failures = new ArrayList<RuntimeException>();
    for (OpamRepository layer : layers) {
      try {
        layer.close();
      } catch (IllegalStateException | java.io.UncheckedIOException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }
}
