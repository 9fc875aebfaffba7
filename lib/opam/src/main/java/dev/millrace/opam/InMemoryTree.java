package dev.millrace.opam;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Files in memory, by path. */
final class InMemoryTree implements FileTree {
  private final TreeMap<String, byte[]> files;

  InMemoryTree(Map<String, byte[]> files) {
    this.files = new TreeMap<>();
    files.forEach((path, bytes) -> this.files.put(path, bytes.clone()));
  }

  @Override
  public List<Entry> list(String path) {
    String prefix = path + "/";
    TreeMap<String, Boolean> entries =
        files.subMap(prefix, path + (char) ('/' + 1)).keySet().stream()
            .map(file -> file.substring(prefix.length()))
            .collect(
                Collectors.toMap(
                    rest -> rest.indexOf('/') < 0 ? rest : rest.substring(0, rest.indexOf('/')),
                    rest -> rest.indexOf('/') >= 0,
                    Boolean::logicalOr,
                    TreeMap::new));
    return entries.entrySet().stream()
        .map(entry -> new Entry(entry.getKey(), entry.getValue()))
        .toList();
  }

  @Override
  public Optional<String> findContentId(String path) {
    return files.containsKey(path) ? Optional.of(path) : Optional.empty();
  }

  @Override
  public Optional<byte[]> read(String path) {
    return Optional.ofNullable(files.get(path)).map(byte[]::clone);
  }

  @Override
  public String identity() {
    return TreeDigest.of(this);
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "in memory";
  }
}
