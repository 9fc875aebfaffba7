package dev.millrace.opam;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Names the content of a repository that has no commit to name it. */
final class TreeDigest {
  private TreeDigest() {}

  /** Returns the SHA-256 of the paths, lengths and contents under {@code packages}. */
  static String of(FileTree tree) {
    MessageDigest digest = sha256();
    for (String path : files(tree)) {
      byte[] bytes = tree.read(path).orElse(new byte[0]);
      digest.update((path + "\0" + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return hex(digest);
  }

  /** Returns the SHA-256 of the texts, in order. */
  static String of(List<String> texts) {
    MessageDigest digest = sha256();
    texts.forEach(text -> digest.update((text + "\0").getBytes(StandardCharsets.UTF_8)));
    return hex(digest);
  }

  /** Returns the SHA-256 of the bytes. */
  static String of(byte[] bytes) {
    MessageDigest digest = sha256();
    digest.update(bytes);
    return hex(digest);
  }

  private static List<String> files(FileTree tree) {
    var files = new ArrayList<String>();
    SortedMap<String, Boolean> pending = new TreeMap<>();
    pending.put("packages", true);
    while (!pending.isEmpty()) {
      String path = pending.firstKey();
      boolean isDirectory = pending.getOrDefault(path, false);
      pending.remove(path);
      if (isDirectory) {
        tree.list(path)
            .forEach(entry -> pending.put(path + "/" + entry.name(), entry.isDirectory()));
      } else {
        files.add(path);
      }
    }
    return files;
  }

  private static String hex(MessageDigest digest) {
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
