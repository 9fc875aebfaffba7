package dev.millrace.services.cikit;

import dev.millrace.opam.Package;
import dev.millrace.opam.PinDepend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Finds out what there is to build in a checkout of a project: its opam files, which packages they
 * are, what they pin, which formatter it uses.
 *
 * <p>The checkout is hostile: links that lead out of it are not followed, and everything that is
 * read has a limit.
 */
public final class ContentExtraction {
  /** The largest opam file, in bytes. */
  public static final int OPAM_BYTES_MAX = 102_400;

  /** Control characters, those that reorder or break lines, and what stands for broken UTF-8. */
  private static final String NOT_PLAIN = "[\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\ufffd]";

  private static final int DEPTH_MAX = 3;
  private static final int OPAM_FILES_MAX = 2_000;
  private static final int OPAM_BYTES_TOTAL_MAX = 32 << 20;
  private static final int WARNINGS_MAX = 100;
  private static final int PROBLEMS_MAX = 20;
  private static final int DIRECTORIES_MAX = 100_000;
  private static final int PINS_MAX = 200;

  /** Whether packages may pin repositories on this machine. */
  public enum LocalPins {
    /** The project belongs to who runs this. */
    ALLOWED,
    /** The project belongs to anybody. */
    REFUSED
  }

  private final PinSource pinSource;
  private final LocalPins localPins;
  private final Path scratch;

  /**
   * An extraction that takes pinned repositories from {@code pinSource}.
   *
   * @param scratch a directory for what is needed for a moment; made when needed
   */
  public ContentExtraction(PinSource pinSource, LocalPins localPins, Path scratch) {
    this.pinSource = pinSource;
    this.localPins = localPins;
    this.scratch = scratch;
  }

  /**
   * Reads a checkout.
   *
   * @param checkout its root, without the repository's own files
   * @param log gets a line for whatever was left out, and why
   * @throws CiKitException if something in it must be mended first: all that was found
   */
  public RepositoryContent extract(Path checkout, Consumer<String> log)
      throws IOException, InterruptedException {
    Path root = checkout.toRealPath();
    List<String> files = findOpamFiles(root, bounded(log));
    List<String> problems = new ArrayList<>();
    long bytes = 0;
    List<PackageSource> rootPackages = new ArrayList<>();
    List<PackageSource> vendored = new ArrayList<>();
    for (String file : files) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      try {
        PackageSource source = packageOf(file, readText(root, file, OPAM_BYTES_MAX));
        bytes += source.opam().length();
        if (bytes > OPAM_BYTES_TOTAL_MAX) {
          throw new CiKitException(
              "The project has more than %d MiB of opam files"
                  .formatted(OPAM_BYTES_TOTAL_MAX >> 20));
        }
        ProjectOpamFile.parse(source);
        (file.contains("/") ? vendored : rootPackages).add(source);
      } catch (CiKitException e) {
        problems.add(e.getMessage());
        if (problems.size() == PROBLEMS_MAX) {
          problems.add("… and perhaps more");
          break;
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new CiKitException(String.join("\n", problems));
    }
    if (isMonorepo(root)) {
      log.accept(
          "This project has opam-monorepo lock files (*.opam.locked). They are not used: it is built like any other project");
    }
    return new RepositoryContent(
        files, rootPackages, vendored, pinDepends(rootPackages, log), ocamlformat(root));
  }

  /** A log that stops after many lines: a project may have as many files to be warned of. */
  private static Consumer<String> bounded(Consumer<String> log) {
    int[] lines = new int[1];
    return line -> {
      lines[0]++;
      if (lines[0] <= WARNINGS_MAX) {
        log.accept(line);
      } else if (lines[0] == WARNINGS_MAX + 1) {
        log.accept("WARNING: … and more opam files that are left out");
      }
    };
  }

  private static List<String> findOpamFiles(Path root, Consumer<String> log)
      throws IOException, InterruptedException {
    TreeSet<String> found = new TreeSet<>();
    collect(root, root, 0, found, log, new int[1]);
    return List.copyOf(found);
  }

  private static void collect(
      Path root, Path directory, int depth, Set<String> found, Consumer<String> log, int[] seen)
      throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (++seen[0] > DIRECTORIES_MAX) {
      throw new CiKitException(
          "The project has more than %d directories in its upper levels"
              .formatted(DIRECTORIES_MAX));
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.startsWith(".")) {
          continue;
        }
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          if (depth < DEPTH_MAX) {
            collect(root, entry, depth + 1, found, log, seen);
          }
        } else if (name.endsWith(".opam")) {
          accept(root, entry, found, log);
        }
      }
    }
  }

  private static void accept(Path root, Path file, Set<String> found, Consumer<String> log)
      throws IOException {
    String relative = root.relativize(file).toString();
    if (!isPlain(relative)) {
      log.accept(
          "WARNING: ignored opam file \"%s\": its path must be UTF-8 without control characters"
              .formatted(relative.replaceAll(NOT_PLAIN, "?")));
    } else if (!isInside(root, file)) {
      log.accept(
          "WARNING: ignored opam file \"%s\": it is no file of this project".formatted(relative));
    } else if (Files.size(file) == 0) {
      log.accept("WARNING: ignored empty opam file \"%s\"".formatted(relative));
    } else if (relative.contains("/") && isTest(relative)) {
      log.accept("Ignoring test directory \"%s\"".formatted(relative));
    } else {
      found.add(relative);
      if (found.size() > OPAM_FILES_MAX) {
        throw new CiKitException(
            "The project has more than %d opam files".formatted(OPAM_FILES_MAX));
      }
    }
  }

  /** Whether a path can be written into logs and specs, and be found again by its text. */
  private static boolean isPlain(String relative) {
    return relative.replaceAll(NOT_PLAIN, "").length() == relative.length();
  }

  /** Follows links, but none that leads out of the project. */
  private static boolean isInside(Path root, Path file) {
    try {
      return Files.isRegularFile(file) && file.toRealPath().startsWith(root);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isTest(String relative) {
    for (String segment : relative.split("/")) {
      if (segment.startsWith("test")) {
        return true;
      }
    }
    return false;
  }

  private static PackageSource packageOf(String file, String text) {
    String base = file.substring(file.lastIndexOf('/') + 1);
    String stem = base.substring(0, base.length() - ".opam".length());
    String pkg = stem.contains(".") ? stem : stem + ".dev";
    if (Package.find(pkg).isEmpty()) {
      throw new CiKitException(
          "The name of opam file \"%s\" is no package name: letters, digits, _, + and - are, with at least one letter"
              .formatted(file));
    }
    return new PackageSource(pkg, file, text);
  }

  private static String readText(Path root, String file, int bytesMax) throws IOException {
    try (InputStream in = Files.newInputStream(root.resolve(file))) {
      byte[] bytes = in.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw new CiKitException(
            "File \"%s\" is too large: it must have at most %d bytes".formatted(file, bytesMax));
      }
      // Bytes that are not UTF-8 are kept out of the way, as opam itself never looks at them.
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private List<PinnedPackage> pinDepends(List<PackageSource> packages, Consumer<String> log)
      throws IOException, InterruptedException {
    List<PinnedPackage> pins = new ArrayList<>();
    for (PackageSource source : packages) {
      for (PinDepend pin : ProjectOpamFile.parse(source).pinDepends()) {
        String pkg = pin.target().toString();
        if (pins.stream().anyMatch(known -> known.source().pkg().equals(pkg))) {
          continue;
        }
        if (pins.size() == PINS_MAX) {
          throw new CiKitException("The project has more than %d pin-depends".formatted(PINS_MAX));
        }
        try {
          PinUrl url = PinUrl.parse(pin.url());
          log.accept("Fetching pinned package %s from %s".formatted(pkg, pin.url()));
          pins.add(new PinnedPackage(fetch(pkg, url), url.url(), url.commit()));
        } catch (CiKitException e) {
          throw CiKitException.of(
              "%s (processing pin-depends of %s)".formatted(e.getMessage(), source.pkg()), e);
        }
      }
    }
    return pins;
  }

  private PackageSource fetch(String pkg, PinUrl url) throws IOException, InterruptedException {
    if (url.url().startsWith("file:") && localPins == LocalPins.REFUSED) {
      throw new CiKitException(
          "pin-depends: cannot take \"%s\": git repositories must be had by https"
              .formatted(url.url()));
    }
    Files.createDirectories(scratch);
    Path directory = Files.createTempDirectory(scratch, "pin-");
    try {
      pinSource.export(url.url(), url.commit(), directory);
      String name = pkg.substring(0, pkg.indexOf('.'));
      for (String file : List.of(name + ".opam", "opam/" + name + ".opam")) {
        if (isInside(directory.toRealPath(), directory.resolve(file))) {
          PackageSource source =
              new PackageSource(pkg, file, readText(directory, file, OPAM_BYTES_MAX));
          ProjectOpamFile.parse(source);
          return source;
        }
      }
      throw new CiKitException(
          "pin-depends: no %s.opam found in %s at %s".formatted(name, url.url(), url.commit()));
    } finally {
      Trees.delete(directory);
    }
  }

  private static OcamlformatRequest ocamlformat(Path root) throws IOException {
    Path file = root.resolve(".ocamlformat");
    if (!isInside(root, file)) {
      return new OcamlformatRequest.Absent();
    }
    String text = readText(root, ".ocamlformat", OPAM_BYTES_MAX);
    OcamlformatRequest plain = OcamlformatFile.read(text, false);
    return plain instanceof OcamlformatRequest.Version
        ? plain
        : OcamlformatFile.read(text, hasEnableFile(root));
  }

  private static boolean hasEnableFile(Path root) throws IOException {
    AtomicBoolean found = new AtomicBoolean();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.endsWith(".ocamlformat-enable")) {
              found.set(true);
              return FileVisitResult.TERMINATE;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            // Too deep to be reached, or gone: then nobody formats what is there, either.
            return FileVisitResult.CONTINUE;
          }
        });
    return found.get();
  }

  private static boolean isMonorepo(Path root) throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(root, "*.opam.locked")) {
      boolean some = false;
      for (Path lock : locks) {
        if (!isInside(root, lock)
            || !readText(root, lock.getFileName().toString(), 16 * OPAM_BYTES_MAX)
                .contains("x-opam-monorepo-version")) {
          return false;
        }
        some = true;
      }
      return some && Files.isRegularFile(root.resolve("dune-project"));
    }
  }
}
