package dev.millrace.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Blobs on disk: {@code sha256/HEX}, and {@code sha256/HEX.part} while one arrives. A blob is moved
 * to its name only when its digest and size are right. Several threads and processes may share the
 * directory.
 */
final class BlobCache {
  private static final int BUFFER = 1 << 16;
  private final Path directory;

  BlobCache(Path directory) {
    this.directory = directory.resolve("sha256");
  }

  /** A blob that is there. */
  Optional<Path> find(Digest digest) {
    Path file = directory.resolve(digest.hex());
    return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  /** Opens the place where a blob arrives; what an earlier try got is there already. */
  Arrival begin(Digest digest, long size) throws IOException {
    Files.createDirectories(directory);
    Path part = directory.resolve(digest.hex() + ".part");
    FileChannel channel = open(part);
    if (!isOurs(channel)) {
      channel.close();
      part = Files.createTempFile(directory, digest.hex(), ".part");
      channel = open(part);
      isOurs(channel);
    }
    return new Arrival(digest, size, part, channel);
  }

  private static FileChannel open(Path part) throws IOException {
    return FileChannel.open(
        part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static boolean isOurs(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** A blob on its way. Closed by who began it; what has arrived stays. One thread at a time. */
  final class Arrival implements AutoCloseable {
    private final Digest digest;
    private final long size;
    private final Path part;
    private final FileChannel channel;

    private Arrival(Digest digest, long size, Path part, FileChannel channel) {
      this.digest = digest;
      this.size = size;
      this.part = part;
      this.channel = channel;
    }

    /** How many bytes are there. */
    long length() throws IOException {
      return channel.size();
    }

    /** Forgets what is there. */
    void restart() throws IOException {
      channel.truncate(0);
    }

    /**
     * Takes what follows, up to the blob's size.
     *
     * @throws OciException if there is more than the blob's size
     */
    void append(InputStream stream, Registry.Progress progress) throws IOException {
      byte[] buffer = new byte[BUFFER];
      channel.position(channel.size());
      while (true) {
        int length = stream.read(buffer);
        if (length < 0) {
          return;
        }
        if (channel.size() + length > size) {
          channel.truncate(0);
          throw new OciException(
              "Cannot use blob \"%s\": it is longer than the %d bytes that it should have"
                  .formatted(digest, size));
        }
        ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        progress.arrived(digest, channel.size(), size);
      }
    }

    /**
     * Checks the digest and makes it the blob.
     *
     * @throws OciException if the digest is another
     */
    Path finish() throws IOException {
      MessageDigest hash = Digest.sha256();
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      channel.position(0);
      while (channel.read(buffer) >= 0) {
        hash.update(buffer.flip());
        buffer.clear();
      }
      Digest actual = Digest.finished(hash.digest());
      if (!actual.equals(digest)) {
        channel.truncate(0);
        throw new OciException(
            "Cannot use blob \"%s\": what the registry sent has digest \"%s\""
                .formatted(digest, actual),
            null,
            true);
      }
      channel.force(true);
      Path file = directory.resolve(digest.hex());
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      return file;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
