package dev.millrace.builder;

import com.github.luben.zstd.ZstdInputStream;
import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Takes bases from archives on this machine: {@code archive:/path/rootfs.tar}, also {@code .gz},
 * {@code .xz} and {@code .zst}. Thread-safe.
 */
public final class ArchiveFetcher implements Fetcher {
  /** What such a base's name begins with. */
  public static final String SCHEME = "archive:";

  private static final int BUFFER = 1 << 16;
  private final StepTrees trees;

  /** A fetcher. */
  public ArchiveFetcher(StepTrees trees) {
    this.trees = trees;
  }

  @Override
  public List<Sandbox.Variable> fetch(String base, Path rootfs, BuildLog log)
      throws IOException, InterruptedException {
    Path file = Path.of(base.startsWith(SCHEME) ? base.substring(SCHEME.length()) : base);
    if (!file.isAbsolute() || !Files.isReadable(file) || Files.isDirectory(file)) {
      throw new BuilderException(
          "Cannot use base \"%s\": expected archive: and the absolute path of a readable file"
              .formatted(base),
          null);
    }
    log.note("unpacking " + file);
    TarPipe.unpack(trees, rootfs, stream -> decompress(file, stream));
    return List.of(Sandbox.Variable.STANDARD_PATH);
  }

  private static void decompress(Path file, OutputStream stream)
      throws IOException, InterruptedException {
    String name = file.toString();
    if (name.endsWith(".xz")) {
      decompressXz(file, stream);
      return;
    }
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      if (name.endsWith(".gz") || name.endsWith(".tgz")) {
        new GZIPInputStream(raw, BUFFER).transferTo(stream);
      } else if (name.endsWith(".zst")) {
        new ZstdInputStream(raw).transferTo(stream);
      } else {
        raw.transferTo(stream);
      }
    }
  }

  private static void decompressXz(Path file, OutputStream stream)
      throws IOException, InterruptedException {
    try {
      int status =
          Command.of("xz", "--decompress", "--stdout", "--", file.toString())
              .run((buffer, length) -> stream.write(buffer, 0, length), (_, _) -> {});
      if (status != 0) {
        throw new BuilderException(
            "Cannot unpack \"%s\": xz %s".formatted(file, Command.describe(status)), null);
      }
    } catch (ProcessException e) {
      throw new BuilderException(
          "Cannot unpack \"%s\": %s; install xz: apt-get install xz-utils"
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
