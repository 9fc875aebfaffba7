package dev.millrace.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * A program of the tests that runs in a JVM of its own, with the class path of the caller, and can
 * be killed there. It starts as fast as a JVM can: the experiments start it hundreds of times.
 * Immutable.
 */
public final class JavaProgram {
  private static final long REHEARSAL_SECONDS = 120;

  private final Class<?> main;
  private final List<String> options;

  private JavaProgram(Class<?> main, List<String> options) {
    this.main = main;
    this.options = List.copyOf(options);
  }

  /** The program with this {@code main}. */
  public static JavaProgram of(Class<?> main) {
    return new JavaProgram(main, options(System.getProperty("java.class.path")));
  }

  private static List<String> options(String classPath) {
    return List.of(
        "--enable-native-access=ALL-UNNAMED",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        classPath);
  }

  /** Another program with the same class path, which starts as fast. */
  public JavaProgram other(Class<?> otherMain) {
    return new JavaProgram(otherMain, options);
  }

  /**
   * The same program with its classes loaded beforehand, which takes a rehearsal of some seconds
   * and halves its start.
   *
   * @param directory where the classes are kept, as long as the program is used
   * @param arguments with which it ends by itself, having done what it is to do quickly
   */
  public JavaProgram rehearsed(Path directory, List<String> arguments)
      throws IOException, InterruptedException {
    Path cache = directory.resolve("classes.aot");
    JavaProgram packed = new JavaProgram(main, options(pack(directory)));
    List<String> recording = new ArrayList<>(packed.options);
    recording.addFirst("-XX:AOTCacheOutput=" + cache);
    Path output = directory.resolve("rehearsal.output");
    Process process = new JavaProgram(main, recording).start(List.of(), output, arguments);
    if (!process.waitFor(REHEARSAL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("The rehearsal failed: " + Files.readString(output));
    }
    List<String> prepared = new ArrayList<>(packed.options);
    prepared.addFirst("-XX:AOTCache=" + cache);
    return new JavaProgram(main, prepared);
  }

  /** Classes are only loaded beforehand from jars. */
  private static String pack(Path directory) throws IOException {
    List<String> packed = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        Path jar = directory.resolve("classes-%d.jar".formatted(packed.size()));
        pack(path, jar);
        packed.add(jar.toString());
      } else if (Files.exists(path)) {
        packed.add(entry);
      }
    }
    return String.join(":", packed);
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (JarOutputStream stream = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        stream.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, stream);
        stream.closeEntry();
      }
    }
  }

  /** The command that runs it. */
  public List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(main.getName());
    command.addAll(arguments);
    return command;
  }

  /**
   * Starts it. Whoever starts it ends it.
   *
   * @param wrapper a program that runs the rest of its command line, with its options; may be empty
   * @param output the file to which what it prints is appended
   */
  public Process start(List<String> wrapper, Path output, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(command(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .start();
  }
}
