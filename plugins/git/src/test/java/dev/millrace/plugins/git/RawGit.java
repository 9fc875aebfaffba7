package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes git repositories byte by byte, so that they can be such as git would never write. One
 * thread.
 */
final class RawGit {
  /** Kinds of objects in packs. */
  static final int COMMIT = 1;

  static final int TREE = 2;
  static final int BLOB = 3;
  static final int REF_DELTA = 7;

  private final Path gitDirectory;

  RawGit(Path gitDirectory) {
    this.gitDirectory = gitDirectory;
  }

  /** A work tree's repository in {@code directory}, whose branch is {@code main}. */
  static RawGit init(Path directory) throws IOException {
    RawGit git = new RawGit(directory.resolve(".git"));
    git.initBare();
    git.file("config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n");
    return git;
  }

  RawGit initBare() throws IOException {
    Files.createDirectories(gitDirectory.resolve("objects/pack"));
    Files.createDirectories(gitDirectory.resolve("objects/info"));
    Files.createDirectories(gitDirectory.resolve("refs/heads"));
    file("HEAD", "ref: refs/heads/main\n");
    file("config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n");
    return this;
  }

  Path directory() {
    return gitDirectory;
  }

  void file(String name, String text) throws IOException {
    Path file = gitDirectory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  void config(String text) throws IOException {
    file("config", Files.readString(gitDirectory.resolve("config")) + text);
  }

  void branch(String commit) throws IOException {
    file("refs/heads/main", commit + "\n");
  }

  /** Writes a loose object and returns its hash. */
  String object(String type, byte[] content) throws IOException {
    String id = idOf(type, content);
    byte[] header = "%s %d\0".formatted(type, content.length).getBytes(UTF_8);
    loose(id, deflate(concat(header, content)));
    return id;
  }

  /** Writes anything as the loose object of a hash. */
  void loose(String id, byte[] compressed) throws IOException {
    Path file =
        gitDirectory.resolve("objects").resolve(id.substring(0, 2)).resolve(id.substring(2));
    Files.createDirectories(file.getParent());
    if (!Files.exists(file)) {
      Files.write(file, compressed);
    }
  }

  String blob(String text) throws IOException {
    return object("blob", text.getBytes(UTF_8));
  }

  String tree(Entry... entries) throws IOException {
    return object("tree", treeBytes(List.of(entries)));
  }

  String commit(String tree) throws IOException {
    return object("commit", commitBytes(tree));
  }

  /** Writes a commit and makes it the head. */
  String head(String tree) throws IOException {
    String commit = commit(tree);
    branch(commit);
    return commit;
  }

  /** An entry of a tree; its name is bytes. */
  static final class Entry {
    private final String mode;
    private final byte[] name;
    private final String id;

    Entry(String mode, byte[] name, String id) {
      this.mode = mode;
      this.name = name;
      this.id = id;
    }

    static Entry of(String mode, String name, String id) {
      return new Entry(mode, name.getBytes(UTF_8), id);
    }

    static Entry file(String name, String id) {
      return of("100644", name, id);
    }

    static Entry directory(String name, String id) {
      return of("40000", name, id);
    }

    static Entry link(String name, String id) {
      return of("120000", name, id);
    }

    static Entry module(String name, String id) {
      return of("160000", name, id);
    }
  }

  static byte[] treeBytes(List<Entry> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Entry entry : entries) {
      out.writeBytes((entry.mode + " ").getBytes(UTF_8));
      out.writeBytes(entry.name);
      out.write(0);
      out.writeBytes(HexFormat.of().parseHex(entry.id));
    }
    return out.toByteArray();
  }

  static byte[] commitBytes(String tree) {
    return """
    tree %s
    author a <a@b> 1700000000 +0000
    committer a <a@b> 1700000000 +0000

    Hostile
    """
        .formatted(tree)
        .getBytes(UTF_8);
  }

  /** An object in a pack: its content is compressed already. */
  static final class Packed {
    private final String id;
    private final int type;
    private final long size;
    private final byte[] base;
    private final byte[] compressed;

    Packed(String id, int type, long size, byte[] base, byte[] compressed) {
      this.id = id;
      this.type = type;
      this.size = size;
      this.base = base;
      this.compressed = compressed;
    }

    String id() {
      return id;
    }

    static Packed of(int type, byte[] content) {
      String name = type == BLOB ? "blob" : type == TREE ? "tree" : "commit";
      return new Packed(idOf(name, content), type, content.length, new byte[0], deflate(content));
    }

    static Packed delta(String id, String base, byte[] delta) {
      return new Packed(id, REF_DELTA, delta.length, HexFormat.of().parseHex(base), deflate(delta));
    }
  }

  /** The bytes of a pack that says it has {@code count} objects. */
  static byte[] pack(List<Packed> objects, long count, Map<String, Integer> offsets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(12).putInt(0x5041434b).putInt(2).putInt((int) count).array());
    for (Packed object : objects) {
      offsets.put(object.id, out.size());
      long size = object.size;
      int first = (object.type << 4) | (int) (size & 15);
      size >>>= 4;
      while (size > 0) {
        out.write(first | 0x80);
        first = (int) (size & 0x7f);
        size >>>= 7;
      }
      out.write(first);
      out.writeBytes(object.base);
      out.writeBytes(object.compressed);
    }
    out.writeBytes(sha1(out.toByteArray()));
    return out.toByteArray();
  }

  static byte[] pack(List<Packed> objects) {
    return pack(objects, objects.size(), new HashMap<>());
  }

  /** Writes a pack with its index, which names the objects as they are said to be named. */
  void writePack(List<Packed> objects) throws IOException {
    Map<String, Integer> offsets = new HashMap<>();
    byte[] pack = pack(objects, objects.size(), offsets);
    List<Packed> sorted = new ArrayList<>(objects);
    sorted.sort(Comparator.comparing(Packed::id));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ByteBuffer.allocate(8).putInt(0xff744f63).putInt(2).array());
    for (int i = 0; i < 256; i++) {
      int upTo = i;
      int count =
          (int)
              sorted.stream()
                  .filter(o -> Integer.parseInt(o.id.substring(0, 2), 16) <= upTo)
                  .count();
      out.writeBytes(ByteBuffer.allocate(4).putInt(count).array());
    }
    sorted.forEach(object -> out.writeBytes(HexFormat.of().parseHex(object.id)));
    sorted.forEach(
        _ -> out.writeBytes(ByteBuffer.allocate(4).putInt((int) new CRC32().getValue()).array()));
    sorted.forEach(
        object ->
            out.writeBytes(
                ByteBuffer.allocate(4).putInt(offsets.getOrDefault(object.id, 0)).array()));
    byte[] trailer = java.util.Arrays.copyOfRange(pack, pack.length - 20, pack.length);
    out.writeBytes(trailer);
    out.writeBytes(sha1(out.toByteArray()));
    String name = "objects/pack/pack-" + HexFormat.of().formatHex(trailer);
    Files.write(gitDirectory.resolve(name + ".pack"), pack);
    Files.write(gitDirectory.resolve(name + ".idx"), out.toByteArray());
  }

  /** A delta that is made of copies from its base, each an offset and a length below 16 MiB. */
  static byte[] delta(long baseSize, long resultSize, long[]... copies) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, baseSize);
    varint(out, resultSize);
    for (long[] copy : copies) {
      out.write(0x80 | 0x7f);
      for (int i = 0; i < 4; i++) {
        out.write((int) (copy[0] >> (8 * i)));
      }
      for (int i = 0; i < 3; i++) {
        out.write((int) (copy[1] >> (8 * i)));
      }
    }
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while (left > 0x7f) {
      out.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }

  /** A zlib stream that inflates to so many zeros, which takes no time to make. */
  static byte[] zeros(byte[] header, long count) {
    int block = 1 << 20;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x78);
    out.write(0x9c);
    out.writeBytes(rawDeflate(header));
    byte[] one = rawDeflate(new byte[block]);
    for (long i = 0; i < count / block; i++) {
      out.writeBytes(one);
    }
    out.writeBytes(rawDeflate(new byte[(int) (count % block)]));
    out.writeBytes(new byte[] {3, 0});
    long a = 1;
    long b = 0;
    for (byte value : header) {
      a = (a + (value & 0xff)) % 65521;
      b = (b + a) % 65521;
    }
    b = (b + a * (count % 65521)) % 65521;
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) ((b << 16) | a)).array());
    return out.toByteArray();
  }

  private static byte[] rawDeflate(byte[] content) {
    try (Deflater deflater = new Deflater(9, true)) {
      deflater.setInput(content);
      byte[] buffer = new byte[content.length + 1024];
      int length = deflater.deflate(buffer, 0, buffer.length, Deflater.FULL_FLUSH);
      return java.util.Arrays.copyOf(buffer, length);
    }
  }

  static byte[] deflate(byte[] content) {
    try (Deflater deflater = new Deflater(1)) {
      deflater.setInput(content);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }

  static String idOf(String type, byte[] content) {
    return HexFormat.of()
        .formatHex(
            sha1(concat("%s %d\0".formatted(type, content.length).getBytes(UTF_8), content)));
  }

  static String idOfZeros(long size) {
    MessageDigest digest = digest();
    digest.update("blob %d\0".formatted(size).getBytes(UTF_8));
    byte[] some = new byte[1 << 20];
    for (long left = size; left > 0; left -= some.length) {
      digest.update(some, 0, (int) Math.min(left, some.length));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static byte[] sha1(byte[] content) {
    return digest().digest(content);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }
}
