package dev.millrace.engine.core;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import dev.millrace.base.Secret;
import dev.millrace.base.TemporaryDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A PostgreSQL server of the test's own, from the distribution's package, on a loopback port; it
 * and all that it has written are gone once it is closed. Test thread only.
 */
public final class TestPostgres implements AutoCloseable {
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String USER = "millrace";
  private static final String PASSWORD = "a password";

  private final Path programs;
  private final Path directory;
  private final int port;
  private Optional<Process> process = Optional.empty();
  private int databases;

  private TestPostgres(Path programs, Path directory, int port) {
    this.programs = programs;
    this.directory = directory;
    this.port = port;
  }

  /** Makes and starts one; where the package is not installed, the test is skipped. */
  public static TestPostgres start() throws Exception {
    Optional<Path> programs = findPrograms();
    assumeTrue(programs.isPresent(), "NOT TESTED: PostgreSQL: postgresql is not installed");
    TestPostgres server =
        new TestPostgres(
            programs.get(), Files.createTempDirectory("millrace-postgres-"), freePort());
    server.initialise();
    server.launch();
    return server;
  }

  private static Optional<Path> findPrograms() throws IOException {
    if (!Files.isDirectory(INSTALLED)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(INSTALLED)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Path::compareTo);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void initialise() throws Exception {
    Path password = Files.writeString(directory.resolve("password"), PASSWORD);
    if (isRoot()) {
      run("chown", "-R", "postgres:", directory.toString());
    }
    run(
        asServer(
            "initdb",
            "--no-sync",
            "--encoding=UTF8",
            // Not that of the bytes: the order of results must not depend on it.
            "--locale=C.UTF-8",
            "--auth=scram-sha-256",
            "--username=" + USER,
            "--pwfile=" + password,
            "--pgdata=" + directory.resolve("data")));
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** The server refuses to run as root. */
  private String[] asServer(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command.toArray(String[]::new);
  }

  private static void run(String... argv) throws IOException, InterruptedException {
    StringBuilder output = new StringBuilder();
    int status =
        Command.of(argv)
            .withTimeLimit(PATIENCE)
            .run(
                (buffer, length) ->
                    output.append(new String(buffer, 0, length, StandardCharsets.UTF_8)));
    if (status != 0) {
      throw new IOException("%s: %s".formatted(List.of(argv), output));
    }
  }

  /** Starts the server again, or for the first time, and waits until it answers. */
  public void launch() throws IOException {
    process =
        Optional.of(
            new ProcessBuilder(
                    asServer(
                        "postgres",
                        "-D",
                        directory.resolve("data").toString(),
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        // Processes die here, machines do not.
                        "-c",
                        "fsync=off"))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                    ProcessBuilder.Redirect.appendTo(directory.resolve("output").toFile()))
                .start());
    Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(this::answers);
  }

  private boolean answers() {
    try (Connection _ = connect("postgres")) {
      return true;
    } catch (SQLException e) {
      if (process.filter(Process::isAlive).isEmpty()) {
        throw new AssertionError("PostgreSQL does not start: " + output());
      }
      return false;
    }
  }

  private String output() {
    try {
      return Files.readString(directory.resolve("output"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A connection of the test's own. */
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database), USER, PASSWORD);
  }

  /** Has the server do something, in none of the tests' databases. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  /** Makes an empty database. */
  public DatabaseAddress newDatabase() throws SQLException {
    return newDatabase("");
  }

  /** Makes a copy of a database that nobody is connected with. */
  public DatabaseAddress copyOf(DatabaseAddress old) throws SQLException {
    awaitRest(old);
    return newDatabase(" TEMPLATE " + old.database());
  }

  /** Waits until nobody is connected with a database, nor is anything still being done for one. */
  public void awaitRest(DatabaseAddress address) {
    Awaitility.await().atMost(PATIENCE).until(() -> connections(address) == 0);
  }

  private int connections(DatabaseAddress address) throws SQLException {
    try (Connection connection = connect("postgres");
        PreparedStatement count =
            connection.prepareStatement(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = ?")) {
      count.setString(1, address.database());
      try (ResultSet row = count.executeQuery()) {
        return row.next() ? row.getInt(1) : 0;
      }
    }
  }

  private DatabaseAddress newDatabase(String from) throws SQLException {
    String name = "test_" + databases++;
    execute("CREATE DATABASE " + name + from);
    return DatabaseAddress.parse("postgresql://%s@127.0.0.1:%d/%s".formatted(USER, port, name))
        .withPassword(Secret.of(PASSWORD));
  }

  /** Ends it at once, as {@code pg_ctl stop -m immediate} does: connections are cut. */
  public void crash() throws IOException {
    Process running = process.orElseThrow();
    process = Optional.empty();
    try {
      run("kill", "-QUIT", Long.toString(running.pid()));
      if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        running.destroyForcibly();
        throw new AssertionError("PostgreSQL does not stop: " + output());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("Interrupted while PostgreSQL stopped", e);
    }
  }

  @Override
  public void close() throws IOException {
    if (process.isPresent()) {
      crash();
    }
    TemporaryDirectory.deleteTree(directory);
  }
}
