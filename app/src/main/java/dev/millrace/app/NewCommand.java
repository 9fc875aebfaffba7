package dev.millrace.app;

import dev.millrace.base.Command;
import dev.millrace.base.TemporaryDirectory;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.engine.program.PlainText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace new}: a project for a pipeline of one's own, from the skeleton. */
@CommandLine.Command(
    name = "new",
    header = "Begin a pipeline of your own: a small Maven project.",
    description = {
      "",
      "Copies the skeleton to DIR, and installs the libraries it needs into the local Maven repository (~/.m2)."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the project is there and its libraries are installed",
      "2:wrong use, such as a directory with something in it",
      "3:the machine or Millrace failed"
    })
final class NewCommand implements Callable<Integer> {
  /** What the skeleton calls itself; each project has its own name there. */
  private static final String SKELETON_NAME = "my-pipeline";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      description = "Where to; absent or empty. Its name becomes the pipeline's.")
  private Path directory;

  @Option(
      names = "--no-install",
      description = "Do not install the libraries: they are in the local Maven repository.")
  private boolean noInstall;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty("millrace.home", "."));
    String name = nameOf(directory);
    checkEmpty();
    PrintWriter out = spec.commandLine().getOut();
    copy(home.resolve("examples/skeleton"), name);
    for (String file : List.of("mvnw", ".mvn/wrapper/maven-wrapper.properties")) {
      Path target = directory.resolve(file);
      Files.createDirectories(target.getParent());
      Files.copy(home.resolve(file), target, StandardCopyOption.COPY_ATTRIBUTES);
    }
    if (!noInstall) {
      install(home);
    }
    out.println("The pipeline \"%s\" is in %s. Next:".formatted(name, directory));
    out.println("  cd %s".formatted(directory));
    out.println("  ./start --once     builds it, runs it until it has settled, lists its jobs");
    out.println("  ./start            serves it at http://localhost:8080");
    return ExitCode.OK.number();
  }

  private static String nameOf(Path directory) {
    Path last = directory.toAbsolutePath().normalize().getFileName();
    String name = last == null ? "" : last.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    if (!NAME.matcher(name).matches()) {
      throw CommandException.usage(
          "Cannot name a pipeline after the directory \"%s\": expected letters, digits and dashes, such as my-pipeline"
              .formatted(directory));
    }
    return name;
  }

  private void checkEmpty() throws IOException {
    if (Files.exists(directory)) {
      if (!Files.isDirectory(directory)) {
        throw CommandException.usage("\"%s\" is not a directory".formatted(directory));
      }
      try (Stream<Path> content = Files.list(directory)) {
        if (content.findAny().isPresent()) {
          throw CommandException.usage(
              "The directory \"%s\" has something in it: name one that is absent or empty"
                  .formatted(directory));
        }
      }
    }
  }

  private void copy(Path skeleton, String name) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(skeleton)) {
      files = tree.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Path target = directory.resolve(skeleton.relativize(file).toString());
      Files.createDirectories(target.getParent());
      Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
      Files.writeString(target, Files.readString(target).replace(SKELETON_NAME, name));
    }
  }

  /** Maven's own way to make libraries known to the projects of this machine. */
  private void install(Path home) throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    err.println("Installing Millrace's libraries into the local Maven repository");
    StringBuilder said = new StringBuilder();
    int status;
    try (TemporaryDirectory project =
        TemporaryDirectory.in(Path.of(System.getProperty("java.io.tmpdir")), "millrace-new-")) {
      Path pom = Files.writeString(project.path().resolve("pom.xml"), installation(home));
      status =
          Command.of(home.resolve("mvnw").toString(), "-B", "-f", pom.toString(), "initialize")
              .in(project.path())
              .withEnvironment(System.getenv())
              .run(
                  (bytes, length) ->
                      said.append(new String(bytes, 0, length, StandardCharsets.UTF_8)));
    }
    if (status != 0) {
      said.toString()
          .lines()
          .filter(line -> line.startsWith("[ERROR]"))
          .limit(10)
          .forEach(line -> err.println(PlainText.of(line)));
      throw CommandException.machine(
          "Cannot install Millrace's libraries: Maven %s".formatted(Command.describe(status)));
    }
  }

  /**
   * A project that does nothing but install the libraries of the distribution, and their parent.
   */
  private static String installation(Path home) throws IOException {
    StringBuilder executions = new StringBuilder();
    executions.append(execution("parent", home.resolve("pom.xml"), "<packaging>pom</packaging>"));
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(home.resolve("app/target/lib"), "millrace-*.jar")) {
      for (Path jar : jars) {
        // Its POM is inside.
        executions.append(execution(jar.getFileName().toString(), jar, ""));
      }
    }
    return """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>dev.millrace</groupId>
          <artifactId>millrace-installation</artifactId>
          <version>1</version>
          <packaging>pom</packaging>
          <build><plugins><plugin>
            <groupId>org.apache.maven.plugins</groupId>
            <artifactId>maven-install-plugin</artifactId>
            <version>3.1.4</version>
            <executions>%s</executions>
          </plugin></plugins></build>
        </project>
        """
        .formatted(executions);
  }

  private static String execution(String id, Path file, String more) {
    String pom =
        file.toString().endsWith(".xml") ? "<pomFile>%s</pomFile>".formatted(xml(file)) : "";
    return """
        <execution>
          <id>%s</id>
          <phase>initialize</phase>
          <goals><goal>install-file</goal></goals>
          <configuration><file>%s</file>%s%s</configuration>
        </execution>
        """
        .formatted(id, xml(file), pom, more);
  }

  private static String xml(Path path) {
    return path.toString().replace("&", "&amp;").replace("<", "&lt;");
  }
}
