package dev.millrace.solver;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.RepositoryDelta.Base;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * States of repositories with the answers for all their versions, kept in files, one for each state
 * and question; {@code docs/formats/install-answers.md} describes them.
 *
 * <p>They are a cache: a file that is missing, damaged, or of another state, question or format
 * counts as none. Only the last few are kept. Thread-safe, also between processes.
 */
public final class DeltaBases {
  private static final int MAGIC = 0x4d52494e;
  private static final int VERSION = 1;
  private static final int HEADER = 4 * Integer.BYTES;
  private static final String PREFIX = "install-answers-";

  /** How many states are kept; each takes some ten megabytes. */
  private static final int FILES_MAX = 16;

  /** A file that is larger is not read. */
  private static final long SIZE_MAX = 256L << 20;

  private final Path directory;
  private final InstantSource clock;

  private DeltaBases(Path directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** States kept in files in this directory, which is made when needed. */
  public static DeltaBases in(Path directory, InstantSource clock) {
    return new DeltaBases(directory, clock);
  }

  /**
   * Finds a state that is kept.
   *
   * @param solver the solver of the state
   * @param constraints versions that packages must have if they are there
   * @param variables opam's variables of the platform
   */
  public Optional<Base> find(
      Solver solver,
      Map<PackageName, VersionConstraint> constraints,
      Map<String, String> variables) {
    InstallQuestion question = new InstallQuestion(constraints, variables);
    byte[] key = key(solver, question);
    return read(file(key), key).map(answers -> Base.of(solver, question, answers));
  }

  /**
   * Asks for every version of a state, once: it is kept. With the packages that are published today
   * that takes some ten seconds of two processors.
   *
   * @throws IOException if it cannot be kept
   * @throws SolverException if a file cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public Base make(
      Solver solver,
      Map<PackageName, VersionConstraint> constraints,
      Map<String, String> variables,
      int threads)
      throws IOException, InterruptedException {
    InstallQuestion question = new InstallQuestion(constraints, variables);
    Base base = Base.of(solver, question, InstallAnswers.of(solver, question, threads));
    keep(base);
    return base;
  }

  /**
   * Keeps a state, if it has all answers.
   *
   * @throws IOException if that fails; then the files are as they were
   */
  public void keep(Base base) throws IOException {
    Optional<InstallAnswers> answers = base.answers();
    if (answers.isPresent()) {
      byte[] key = key(base.solver(), base.question());
      write(file(key), key, answers.get());
      removeOld();
    }
  }

  private static byte[] key(Solver solver, InstallQuestion question) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest((solver.repository().identity() + "\n" + question).getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private Path file(byte[] key) {
    return directory.resolve(PREFIX + HexFormat.of().formatHex(key, 0, 16));
  }

  private Optional<InstallAnswers> read(Path file, byte[] key) {
    try {
      if (!Files.exists(file) || Files.size(file) > SIZE_MAX) {
        return Optional.empty();
      }
      byte[] bytes = Files.readAllBytes(file);
      if (!isWhole(bytes)) {
        return Optional.empty();
      }
      DataInputStream in =
          new DataInputStream(new ByteArrayInputStream(bytes, HEADER, bytes.length - HEADER));
      if (!Arrays.equals(in.readNBytes(key.length), key)) {
        return Optional.empty();
      }
      InstallAnswers answers = read(in);
      Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
      return Optional.of(answers);
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
        && header.getInt() == checksum(bytes, HEADER);
  }

  private static int checksum(byte[] bytes, int from) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, from, bytes.length - from);
    return (int) checksum.getValue();
  }

  private static InstallAnswers read(DataInputStream in) throws IOException {
    Numbers<PackageName> names = new Numbers<>();
    for (int left = in.readInt(); left > 0; left--) {
      names.number(new PackageName(in.readUTF()));
    }
    Numbers<Package> packages = new Numbers<>();
    for (int left = in.readInt(); left > 0; left--) {
      packages.number(new Package(new PackageName(in.readUTF()), new PackageVersion(in.readUTF())));
    }
    List<Package> all = packages.all();
    int count = in.readInt();
    Map<Package, byte[]> answers = HashMap.newHashMap(count);
    for (int left = count; left > 0; left--) {
      Package pkg = all.get(in.readInt());
      answers.put(pkg, in.readNBytes(in.readInt()));
    }
    return new InstallAnswers(names, packages, answers);
  }

  private void write(Path file, byte[] key, InstallAnswers answers) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(body);
    out.write(key);
    // The versions that have answers must have their numbers before the numbers are written.
    answers.encoded().keySet().forEach(answers.packages()::number);
    List<PackageName> names = answers.names().all();
    out.writeInt(names.size());
    for (PackageName name : names) {
      out.writeUTF(name.text());
    }
    List<Package> packages = answers.packages().all();
    out.writeInt(packages.size());
    for (Package pkg : packages) {
      out.writeUTF(pkg.name().text());
      out.writeUTF(pkg.version().text());
    }
    out.writeInt(answers.encoded().size());
    for (Map.Entry<Package, byte[]> entry : answers.encoded().entrySet()) {
      out.writeInt(answers.packages().number(entry.getKey()));
      out.writeInt(entry.getValue().length);
      out.write(entry.getValue());
    }
    replace(file, body.toByteArray());
  }

  /** It is not synced: after a power cut the checksum tells. */
  private void replace(Path file, byte[] body) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.putInt(MAGIC).putInt(VERSION).putInt(body.length).putInt(checksum(body, 0));
    Files.createDirectories(directory);
    Path fresh = Files.createTempFile(directory, PREFIX, ".tmp");
    try {
      try (var out = Files.newOutputStream(fresh)) {
        out.write(header.array());
        out.write(body);
      }
      Files.setLastModifiedTime(fresh, FileTime.from(clock.instant()));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private void removeOld() throws IOException {
    record Aged(Path file, FileTime used) {}
    try (Stream<Path> listed = Files.list(directory)) {
      List<Aged> files =
          listed
              .filter(path -> path.getFileName().toString().startsWith(PREFIX))
              .map(path -> new Aged(path, used(path)))
              .sorted(Comparator.comparing(Aged::used).reversed())
              .toList();
      for (Aged old : files.subList(Math.min(FILES_MAX, files.size()), files.size())) {
        Files.deleteIfExists(old.file());
      }
    }
  }

  /** When a file was last of use; one that another process has just removed never was. */
  private static FileTime used(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException _) {
      return FileTime.fromMillis(0);
    }
  }
}
