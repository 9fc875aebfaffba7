package dev.millrace.oci;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Lays an image's layers on top of each other and writes what remains as one plain tar stream, to
 * be unpacked into an empty directory.
 *
 * <p>How: the layers' headers are read first, from the lowest up, into a {@link LayerTree}: a model
 * of the final tree in which whiteouts remove, links are followed and nothing can lead outside.
 * Then directories are written, then the layers are read again, and of each the entries that are
 * still in the tree are written under the path that they have there. So the stream's paths never go
 * through a link, whatever the layers hold, and no content is kept in memory. Stateless.
 *
 * <p>Reference: the OCI image specification, "Image Layer Filesystem Changeset".
 */
public final class ImageTar {
  private static final int BUFFER = 1 << 16;

  private ImageTar() {}

  /**
   * What an image may unpack to.
   *
   * @param bytesMax of all layers, unpacked
   * @param entriesMax files and directories of all layers
   */
  public record Limits(long bytesMax, int entriesMax) {
    /** 64 GiB, two million entries. */
    public static Limits defaults() {
      return new Limits(64L << 30, 2_000_000);
    }
  }

  /**
   * Writes the tree that these layers, gzip, zstd or plain, make; the stream stays open.
   *
   * @throws OciException if a layer is damaged, breaks a limit, or holds what no image may
   */
  public static void write(List<Path> layers, Limits limits, OutputStream stream)
      throws IOException {
    LayerTree tree = new LayerTree(limits);
    for (int i = 0; i < layers.size(); i++) {
      int layer = i;
      forEach(layers.get(i), limits, (tar, entry, number) -> tree.add(layer, number, entry));
      tree.endLayer();
    }
    TarArchiveOutputStream out = new TarArchiveOutputStream(stream, "UTF-8");
    out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    out.setAddPaxHeadersForNonAsciiNames(true);
    List<LayerTree.Found> directories = tree.directories();
    for (LayerTree.Found directory : directories) {
      put(out, directory.entry(), directory.path());
    }
    for (int i = 0; i < layers.size(); i++) {
      Map<Integer, List<String>> remaining = tree.filesOf(i);
      forEach(
          layers.get(i),
          limits,
          (tar, entry, number) -> {
            List<String> paths = remaining.get(number);
            if (paths != null) {
              putFile(out, tar, entry, paths);
            }
          });
    }
    // Once more, so that their times are not those of our writing into them.
    for (LayerTree.Found directory : directories.reversed()) {
      put(out, directory.entry(), directory.path());
    }
    out.finish();
  }

  private static void put(TarArchiveOutputStream out, TarArchiveEntry entry, String path)
      throws IOException {
    entry.setName(path.isEmpty() ? "./" : path + "/");
    out.putArchiveEntry(entry);
    out.closeArchiveEntry();
  }

  private static void putFile(
      TarArchiveOutputStream out, InputStream tar, TarArchiveEntry entry, List<String> paths)
      throws IOException {
    TarArchiveEntry file;
    if (entry.isSymbolicLink()) {
      file = copy(entry, paths.getFirst(), TarConstants.LF_SYMLINK);
      file.setLinkName(entry.getLinkName());
    } else if (entry.isFIFO()) {
      file = copy(entry, paths.getFirst(), TarConstants.LF_FIFO);
    } else {
      file = copy(entry, paths.getFirst(), TarConstants.LF_NORMAL);
      file.setSize(entry.getRealSize());
    }
    out.putArchiveEntry(file);
    if (file.isFile()) {
      tar.transferTo(out);
    }
    out.closeArchiveEntry();
    for (String further : paths.subList(1, paths.size())) {
      TarArchiveEntry link = copy(entry, further, TarConstants.LF_LINK);
      link.setLinkName(paths.getFirst());
      out.putArchiveEntry(link);
      out.closeArchiveEntry();
    }
  }

  static TarArchiveEntry copy(TarArchiveEntry entry, String path, byte type) {
    TarArchiveEntry copy = new TarArchiveEntry(path, type);
    copy.setMode(entry.getMode());
    copy.setUserId(entry.getLongUserId());
    copy.setGroupId(entry.getLongGroupId());
    copy.setLastModifiedTime(entry.getLastModifiedTime());
    entry.getExtraPaxHeaders().forEach(copy::addPaxHeader);
    return copy;
  }

  private interface Visitor {
    void visit(InputStream tar, TarArchiveEntry entry, int number) throws IOException;
  }

  private static void forEach(Path layer, Limits limits, Visitor visitor) throws IOException {
    try (InputStream plain = decompressed(layer);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new Bounded(plain, limits.bytesMax()), "UTF-8")) {
      int number = 0;
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        visitor.visit(tar, entry, number++);
      }
      // To the end of the compressed stream: its own check sum stands there.
      plain.transferTo(OutputStream.nullOutputStream());
    } catch (OciException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new OciException(
          "Cannot unpack layer \"%s\": %s".formatted(layer.getFileName(), e.getMessage()),
          e,
          false);
    }
  }

  /** Opens a layer by what it begins with; the media type is often wrong. */
  private static InputStream decompressed(Path layer) throws IOException {
    BufferedInputStream stream = new BufferedInputStream(Files.newInputStream(layer), BUFFER);
    stream.mark(8);
    byte[] magic = stream.readNBytes(4);
    stream.reset();
    if (magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
      return new GZIPInputStream(stream, BUFFER);
    }
    if (magic.length == 4
        && (magic[0] & 0xff) == 0x28
        && (magic[1] & 0xff) == 0xb5
        && magic[2] == 0x2f
        && (magic[3] & 0xff) == 0xfd) {
      return new ZstdInputStream(stream);
    }
    return stream;
  }

  /** Ends a stream that unpacks to too much. */
  private static final class Bounded extends FilterInputStream {
    private final long max;
    private long count;

    Bounded(InputStream stream, long max) {
      super(stream);
      this.max = max;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      count += Math.max(read, 0);
      if (count > max) {
        throw new OciException(
            "Cannot unpack an image: a layer is larger than %d bytes".formatted(max));
      }
      return read;
    }

    @Override
    public long skip(long bytes) throws IOException {
      // Counted too: what is skipped has been decompressed.
      int read = read(new byte[Math.clamp(bytes, 0, BUFFER)]);
      return Math.max(read, 0);
    }
  }
}
