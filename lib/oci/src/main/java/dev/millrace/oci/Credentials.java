package dev.millrace.oci;

import dev.millrace.base.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who we are at which registry. Immutable. */
public final class Credentials {
  private static final String HUB_KEY = "https://index.docker.io/v1/";
  private final Map<String, Secret> basic;

  private Credentials(Map<String, Secret> basic) {
    this.basic = Map.copyOf(basic);
  }

  /** Nobody anywhere. */
  public static Credentials none() {
    return new Credentials(Map.of());
  }

  /** This user at one registry. */
  public static Credentials of(String registry, String user, Secret password) {
    String pair = user + ":" + password.reveal();
    return new Credentials(
        Map.of(
            registry,
            Secret.of(Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))));
  }

  /**
   * Reads what {@code docker login} wrote; nobody anywhere if the file is not there. Credential
   * helpers are not asked.
   */
  public static Credentials fromDockerConfig(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      return none();
    }
    JsonNode auths;
    try {
      auths = new JsonMapper().readTree(Secret.readFrom(file).reveal()).path("auths");
    } catch (JacksonException e) {
      // Not the cause: its message quotes the file.
      throw new OciException("Cannot read \"%s\": expected JSON".formatted(file));
    }
    Map<String, Secret> basic = new LinkedHashMap<>();
    auths.forEachEntry(
        (key, value) -> {
          String auth = value.path("auth").asString("");
          if (!auth.isEmpty()) {
            basic.put(host(key), Secret.of(auth));
          }
        });
    return new Credentials(basic);
  }

  private static String host(String key) {
    if (key.equals(HUB_KEY)) {
      return ImageReference.DOCKER_HUB;
    }
    String host = key.replaceFirst("^https?://", "");
    int slash = host.indexOf('/');
    return slash < 0 ? host : host.substring(0, slash);
  }

  /** The value after {@code Basic} for a registry. */
  Optional<Secret> find(String registry) {
    return Optional.ofNullable(basic.get(registry));
  }
}
