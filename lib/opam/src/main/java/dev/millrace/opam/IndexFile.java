package dev.millrace.opam;

import dev.millrace.opam.IndexSnapshot.Stored;
import dev.millrace.opam.IndexSnapshot.TermsById;
import dev.millrace.opam.IndexSnapshot.Version;
import dev.millrace.opam.IndexSnapshot.Versions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file of an index, described in {@code docs/formats/opam-index.md}. It is a cache: a file that
 * is missing, damaged or of another version counts as none.
 *
 * <p>All of it is read at once and checked by its checksum; what it says of a package or of a file
 * is decoded when somebody asks.
 */
final class IndexFile {
  private static final int MAGIC = 0x4d524f49;
  private static final int VERSION = 1;
  private static final int HEADER = 4 * Integer.BYTES;
  private static final int ID = ObjectName.LENGTH;

  /** A file that is larger is not read: the packages of today take 4 MB. */
  private static final long SIZE_MAX = 256L << 20;

  private IndexFile() {}

  /** Reads a file, if it can be trusted. */
  static Optional<IndexSnapshot> read(Path path) {
    try {
      if (!Files.exists(path) || Files.size(path) > SIZE_MAX) {
        return Optional.empty();
      }
      byte[] bytes = Files.readAllBytes(path);
      return isWhole(bytes) ? Optional.of(new Body(bytes).snapshot()) : Optional.empty();
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException _) {
      // What cannot be read is made anew.
      return Optional.empty();
    }
  }

  private static boolean isWhole(byte[] bytes) {
    if (bytes.length < HEADER) {
      return false;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes);
    return header.getInt() == MAGIC
        && header.getInt() == VERSION
        && header.getInt() == bytes.length - HEADER
        && header.getInt() == checksum(bytes, HEADER, bytes.length - HEADER);
  }

  private static int checksum(byte[] bytes, int from, int length) {
    var checksum = new CRC32C();
    checksum.update(bytes, from, length);
    return (int) checksum.getValue();
  }

  /** A file's content after the header. */
  private static final class Body implements Stored {
    private final byte[] bytes;
    private final ByteBuffer buffer;
    private final ObjectName commit;
    private final ObjectName packages;
    private final Strings strings;
    private final int files;
    private final int fileIds;
    private final int fileOffsets;
    private final int fileData;
    private final int namesStart;

    Body(byte[] bytes) {
      this.bytes = bytes;
      this.buffer = ByteBuffer.wrap(bytes);
      int at = HEADER;
      this.commit = ObjectName.read(bytes, at);
      at += ID;
      this.packages = ObjectName.read(bytes, at);
      at += ID;
      int stringCount = buffer.getInt(at);
      at += Integer.BYTES;
      this.strings = new Strings(buffer.slice(at, bytes.length - at), stringCount);
      int stringBytes = buffer.getInt(at + stringCount * Integer.BYTES);
      at += (stringCount + 1) * Integer.BYTES + stringBytes;
      this.files = buffer.getInt(at);
      this.fileIds = at + Integer.BYTES;
      this.fileOffsets = fileIds + files * ID;
      this.fileData = fileOffsets + (files + 1) * Integer.BYTES;
      this.namesStart = fileData + buffer.getInt(fileOffsets + files * Integer.BYTES);
    }

    IndexSnapshot snapshot() {
      int count = buffer.getInt(namesStart);
      int at = namesStart + Integer.BYTES;
      int lists = at + count * (2 * Integer.BYTES + ID);
      Map<String, Versions> names = HashMap.newHashMap(count);
      for (int i = 0; i < count; i++) {
        String name = strings.get(buffer.getInt(at));
        int list = lists + buffer.getInt(at + Integer.BYTES);
        ObjectName tree = ObjectName.read(bytes, at + 2 * Integer.BYTES);
        names.put(name, new Versions(tree, () -> versions(list)));
        at += 2 * Integer.BYTES + ID;
      }
      return new IndexSnapshot(commit, packages, names, new TermsById(this));
    }

    private List<Version> versions(int start) {
      int count = buffer.getInt(start);
      List<Version> versions = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        int at = start + Integer.BYTES + i * 2 * Integer.BYTES;
        int file = buffer.getInt(at + Integer.BYTES);
        versions.add(
            new Version(
                new PackageVersion(strings.get(buffer.getInt(at))),
                ObjectName.read(bytes, fileIds + file * ID)));
      }
      return List.copyOf(versions);
    }

    @Override
    public byte @Nullable [] find(ObjectName file) {
      int low = 0;
      int high = files - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = file.compareTo(ObjectName.read(bytes, fileIds + middle * ID));
        if (order == 0) {
          int from = buffer.getInt(fileOffsets + middle * Integer.BYTES);
          byte[] found = new byte[buffer.getInt(fileOffsets + (middle + 1) * Integer.BYTES) - from];
          System.arraycopy(bytes, fileData + from, found, 0, found.length);
          return found;
        }
        if (order < 0) {
          high = middle - 1;
        } else {
          low = middle + 1;
        }
      }
      return null;
    }

    @Override
    public Strings strings() {
      return strings;
    }
  }

  /**
   * Writes a snapshot in place of the file that is there. It is not synced: after a power cut the
   * checksum tells.
   */
  static void write(Path path, IndexSnapshot snapshot) throws IOException {
    byte[] body = body(snapshot);
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header
        .putInt(MAGIC)
        .putInt(VERSION)
        .putInt(body.length)
        .putInt(checksum(body, 0, body.length))
        .flip();
    Path directory = path.toAbsolutePath().resolveSibling(".").normalize();
    Files.createDirectories(directory);
    Path fresh = Files.createTempFile(directory, "opam-index-", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        writeAll(channel, header);
        writeAll(channel, ByteBuffer.wrap(body));
      }
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static byte[] body(IndexSnapshot snapshot) {
    var names = new TreeMap<>(snapshot.names());
    var terms = new TreeMap<ObjectName, byte[]>();
    names.values().forEach(versions -> collect(versions, snapshot.terms(), terms));
    // The names and versions must have their numbers before the strings are written.
    Strings strings = snapshot.terms().strings();
    names.forEach(
        (name, versions) -> {
          strings.number(name);
          versions.list().forEach(version -> strings.number(version.version().text()));
        });
    var out = new ByteWriter();
    // With a file that could not be read it is not all of the commit: look at it again next time.
    boolean whole = names.values().stream().allMatch(versions -> isWhole(versions, terms));
    (whole ? snapshot.commit() : ObjectName.NONE).write(out);
    (whole ? snapshot.packages() : ObjectName.NONE).write(out);
    strings.write(out);
    Map<ObjectName, Integer> places = writeTerms(terms, out);
    writeNames(names, strings, places, out);
    return out.toBytes();
  }

  private static boolean isWhole(Versions versions, Map<ObjectName, ?> known) {
    return versions.list().stream().allMatch(version -> known.containsKey(version.file()));
  }

  private static void collect(Versions versions, TermsById known, Map<ObjectName, byte[]> terms) {
    for (Version version : versions.list()) {
      byte[] encoded = known.encoded(version.file());
      if (encoded != null) {
        terms.put(version.file(), encoded);
      }
    }
  }

  private static Map<ObjectName, Integer> writeTerms(
      SortedMap<ObjectName, byte[]> terms, ByteWriter out) {
    out.writeInt(terms.size());
    var places = new HashMap<ObjectName, Integer>();
    terms
        .keySet()
        .forEach(
            id -> {
              places.put(id, places.size());
              id.write(out);
            });
    int offset = 0;
    for (byte[] encoded : terms.values()) {
      out.writeInt(offset);
      offset += encoded.length;
    }
    out.writeInt(offset);
    terms.values().forEach(out::write);
    return places;
  }

  private static void writeNames(
      Map<String, Versions> names,
      Strings strings,
      Map<ObjectName, Integer> places,
      ByteWriter out) {
    var lists = new ByteWriter();
    out.writeInt(names.size());
    names.forEach(
        (name, versions) -> {
          out.writeInt(strings.number(name));
          out.writeInt(lists.size());
          boolean whole = isWhole(versions, places);
          (whole ? versions.tree() : ObjectName.NONE).write(out);
          List<Version> listed = whole ? versions.list() : List.of();
          lists.writeInt(listed.size());
          for (Version version : listed) {
            lists.writeInt(strings.number(version.version().text()));
            lists.writeInt(places.getOrDefault(version.file(), 0));
          }
        });
    out.write(lists.toBytes());
  }
}
