package dev.millrace.engine.core;

import dev.millrace.base.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL database is that holds an engine's records. Immutable.
 *
 * @param host a name or an address
 * @param port 1 to 65535
 * @param database its name
 * @param user who connects
 * @param password if the server asks for one
 * @param parameters of the connection, such as {@code sslmode}, as the server's own programs call
 *     them
 */
public record DatabaseAddress(
    String host,
    int port,
    String database,
    String user,
    Optional<Secret> password,
    SequencedMap<String, String> parameters) {
  private static final int PORT = 5432;

  /** What an address may set; the rest is up to Millrace. */
  private static final List<String> PARAMETERS =
      List.of("currentSchema", "sslcert", "sslkey", "sslmode", "sslrootcert");

  /** Copies. */
  public DatabaseAddress {
    parameters = new LinkedHashMap<>(parameters);
  }

  /**
   * Reads an address of the form {@code postgresql://USER@HOST[:PORT]/DATABASE[?NAME=VALUE&…]};
   * {@code jdbc:} may stand before it. Unless the address says otherwise, a server that is not on
   * this machine must prove who it is ({@code sslmode=verify-full}).
   *
   * @throws IllegalArgumentException if it is none, or has a password in it, which others could see
   *     in the list of processes; in words for users
   */
  public static DatabaseAddress parse(String text) {
    URI uri = uri(text);
    String user = Optional.ofNullable(uri.getUserInfo()).orElse("");
    if (user.contains(":")) {
      // Not quoted: the message may end up where passwords must not.
      throw new IllegalArgumentException(
          "The address of the database has a password in it: leave it out, and give it in a file");
    }
    String database = Optional.ofNullable(uri.getPath()).orElse("").replaceFirst("^/", "");
    String host = Optional.ofNullable(uri.getHost()).orElse("");
    boolean known = String.valueOf(uri.getScheme()).matches("postgres(ql)?");
    if (!known || user.isEmpty() || host.isEmpty() || !database.matches("[^/]+")) {
      throw unreadable(text);
    }
    SequencedMap<String, String> parameters = parameters(uri.getQuery());
    if (!isLoopback(host)) {
      parameters.putIfAbsent("sslmode", "verify-full");
    }
    return new DatabaseAddress(
        host,
        uri.getPort() < 0 ? PORT : uri.getPort(),
        database,
        user,
        Optional.empty(),
        parameters);
  }

  private static URI uri(String text) {
    try {
      return new URI(text.replaceFirst("^jdbc:", ""));
    } catch (URISyntaxException e) {
      throw unreadable(text);
    }
  }

  private static IllegalArgumentException unreadable(String text) {
    return new IllegalArgumentException(
        "Cannot read \"%s\" as the address of a database: expected postgresql://USER@HOST[:PORT]/DATABASE"
            .formatted(text.replaceAll("//[^/]*@", "//…@")));
  }

  private static SequencedMap<String, String> parameters(@Nullable String query) {
    SequencedMap<String, String> parameters = new LinkedHashMap<>();
    for (String part : query == null ? new String[0] : query.split("&", -1)) {
      String[] pair = part.split("=", 2);
      if (pair.length < 2 || !PARAMETERS.contains(pair[0])) {
        throw new IllegalArgumentException(
            "Cannot use \"%s\" in the address of a database: expected one of %s, with a value"
                .formatted(pair[0], String.join(", ", PARAMETERS)));
      }
      parameters.put(pair[0], pair[1]);
    }
    return parameters;
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d+){3}");
  }

  /** The same with a password. */
  public DatabaseAddress withPassword(Secret secret) {
    return new DatabaseAddress(host, port, database, user, Optional.of(secret), parameters);
  }

  /** The connection's parameters; a copy. */
  @Override
  public SequencedMap<String, String> parameters() {
    return new LinkedHashMap<>(parameters);
  }

  /** For people: without user and password. */
  @Override
  public String toString() {
    return "postgresql://%s:%d/%s".formatted(host, port, database);
  }
}
