package dev.millrace.oci;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pulls images from registries, through a cache of blobs on disk. Thread-safe; interruption stops a
 * pull, and the next one goes on where it was.
 */
public final class Registry implements AutoCloseable {
  /** A manifest or a configuration of more than this is refused. */
  private static final int DOCUMENT_BYTES_MAX = 8 << 20;

  private static final int LAYERS_MAX = 1000;
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final String INDEXES =
      "application/vnd.oci.image.index.v1+json, "
          + "application/vnd.docker.distribution.manifest.list.v2+json";
  private static final String MANIFESTS =
      INDEXES
          + ", application/vnd.oci.image.manifest.v1+json, "
          + "application/vnd.docker.distribution.manifest.v2+json";

  private final RegistryConfig config;
  private final RegistryHttp http;
  private final BlobCache cache;
  private final JsonMapper json = new JsonMapper();

  private Registry(RegistryConfig config) {
    this.config = config;
    this.http = new RegistryHttp(config);
    this.cache = new BlobCache(config.cacheDirectory());
  }

  /** Opens a client; nothing is asked yet. */
  public static Registry open(RegistryConfig config) {
    return new Registry(config);
  }

  /** Takes how much of a blob is there. */
  @FunctionalInterface
  public interface Progress {
    /** {@code bytes} of {@code size} have arrived. Must not block. */
    void arrived(Digest blob, long bytes, long size);
  }

  /**
   * Finds what a name stands for on a platform.
   *
   * @throws OciException if there is no such image, or it is not for this platform
   */
  public Image resolve(ImageReference name, Platform platform)
      throws IOException, InterruptedException {
    ImageReference asked = mirrored(name);
    byte[] document = document(asked, "manifests/", asked.selector(), asked.digest());
    Digest digest = Digest.of(document);
    ImageReference pinned = name.pinned(digest);
    JsonNode node = parse(document, asked);
    Digest manifest = digest;
    if (node.has("manifests")) {
      manifest = choose(node, asked, platform);
      node =
          parse(document(asked, "manifests/", manifest.toString(), Optional.of(manifest)), asked);
    }
    return image(node, asked, pinned, manifest);
  }

  private ImageReference mirrored(ImageReference name) {
    return name.registry().equals(ImageReference.DOCKER_HUB) && config.mirror().isPresent()
        ? name.at(config.mirror().get())
        : name;
  }

  private JsonNode parse(byte[] document, ImageReference name) throws OciException {
    try {
      return json.readTree(document);
    } catch (JacksonException e) {
      throw new OciException(
          "Cannot read the manifest of \"%s\": expected JSON".formatted(name), e, false);
    }
  }

  private static Digest choose(JsonNode index, ImageReference name, Platform platform)
      throws OciException {
    List<String> offered = new ArrayList<>();
    for (JsonNode entry : index.path("manifests")) {
      JsonNode of = entry.path("platform");
      String architecture = of.path("architecture").asString("");
      String os = of.path("os").asString("");
      String variant = of.path("variant").asString("");
      if (os.equals(platform.os())
          && architecture.equals(platform.architecture())
          && (platform.variant().isEmpty() || platform.variant().get().equals(variant))) {
        return digest(entry, name);
      }
      offered.add(os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant));
    }
    throw new OciException(
        "Cannot use image \"%s\" on %s: it is made for %s"
            .formatted(name, platform, String.join(", ", offered)));
  }

  private Image image(JsonNode manifest, ImageReference asked, ImageReference pinned, Digest digest)
      throws IOException, InterruptedException {
    if (!manifest.has("config") || !manifest.path("layers").isArray()) {
      throw new OciException(
          "Cannot use image \"%s\": its manifest has no configuration and layers (version 2 or OCI)"
              .formatted(asked));
    }
    List<Image.Layer> layers = new ArrayList<>();
    for (JsonNode layer : manifest.path("layers")) {
      layers.add(
          new Image.Layer(
              layer.path("mediaType").asString(""),
              digest(layer, asked),
              layer.path("size").asLong(-1)));
    }
    if (layers.size() > LAYERS_MAX) {
      throw new OciException(
          "Cannot use image \"%s\": it has %d layers, at most %d are accepted"
              .formatted(asked, layers.size(), LAYERS_MAX));
    }
    Digest config = digest(manifest.path("config"), asked);
    JsonNode configuration =
        parse(document(asked, "blobs/", config.toString(), Optional.of(config)), asked);
    List<String> environment = new ArrayList<>();
    for (JsonNode variable : configuration.path("config").path("Env")) {
      environment.add(variable.asString(""));
    }
    return new Image(pinned, digest, layers, environment);
  }

  private static Digest digest(JsonNode descriptor, ImageReference name) throws OciException {
    try {
      return Digest.parse(descriptor.path("digest").asString(""));
    } catch (IllegalArgumentException e) {
      throw new OciException(
          "Cannot use image \"%s\": %s".formatted(name, e.getMessage()), e, false);
    }
  }

  /** A manifest or configuration: small, and from the cache when its digest is known. */
  private byte[] document(
      ImageReference name, String kind, String selector, Optional<Digest> expected)
      throws IOException, InterruptedException {
    Optional<Path> cached = expected.flatMap(cache::find);
    if (cached.isPresent()) {
      return Files.readAllBytes(cached.get());
    }
    byte[] bytes =
        attempt(
            () -> {
              HttpResponse<InputStream> response =
                  http.get(name, kind + selector, MANIFESTS, OptionalLong.empty());
              try (InputStream body = response.body()) {
                requireStatus(name, response, 200);
                byte[] all = body.readNBytes(DOCUMENT_BYTES_MAX + 1);
                if (all.length > DOCUMENT_BYTES_MAX) {
                  throw new OciException(
                      "Cannot use image \"%s\": \"%s\" is longer than %d bytes"
                          .formatted(name, selector, DOCUMENT_BYTES_MAX));
                }
                return all;
              }
            });
    Digest actual = Digest.of(bytes);
    if (expected.isPresent() && !expected.get().equals(actual)) {
      throw new OciException(
          "Cannot use image \"%s\": asked for \"%s\", the registry sent \"%s\""
              .formatted(name, expected.get(), actual));
    }
    try (BlobCache.Arrival arrival = cache.begin(actual, bytes.length)) {
      arrival.restart();
      arrival.append(new java.io.ByteArrayInputStream(bytes), (_, _, _) -> {});
      arrival.finish();
    }
    return bytes;
  }

  private static void requireStatus(ImageReference name, HttpResponse<?> response, int expected)
      throws OciException {
    int status = response.statusCode();
    if (status == expected) {
      return;
    }
    String message =
        switch (status) {
          case 404 -> "Cannot get image \"%s\": the registry has none".formatted(name);
          case 401, 403 ->
              "Cannot get image \"%s\": the registry refuses it to us (status %d)"
                  .formatted(name, status);
          case 429 -> "Cannot get image \"%s\": the registry asks us to come later".formatted(name);
          default -> "Cannot get image \"%s\": the registry answered %d".formatted(name, status);
        };
    throw new OciException(message, null, status == 429 || status >= 500);
  }

  /**
   * A layer's file, from the cache or the registry; its digest and size are right.
   *
   * @throws OciException if the registry does not have it, or something else under its name
   */
  public Path layer(Image image, Image.Layer layer, Progress progress)
      throws IOException, InterruptedException {
    Optional<Path> cached = cache.find(layer.digest());
    if (cached.isPresent()) {
      return cached.get();
    }
    ImageReference name = mirrored(image.reference());
    if (layer.size() < 0) {
      throw new OciException(
          "Cannot use image \"%s\": layer \"%s\" has no size".formatted(name, layer.digest()));
    }
    try (BlobCache.Arrival arrival = cache.begin(layer.digest(), layer.size())) {
      return attempt(
          () -> {
            receive(name, layer, arrival, progress);
            return arrival.finish();
          });
    }
  }

  private void receive(
      ImageReference name, Image.Layer layer, BlobCache.Arrival arrival, Progress progress)
      throws IOException, InterruptedException {
    if (arrival.length() > layer.size()) {
      arrival.restart();
    }
    long have = arrival.length();
    if (have == layer.size() && have > 0) {
      return;
    }
    OptionalLong from = have > 0 ? OptionalLong.of(have) : OptionalLong.empty();
    HttpResponse<InputStream> response =
        http.get(name, "blobs/" + layer.digest(), "application/octet-stream", from);
    try (InputStream body = response.body()) {
      boolean continued = response.statusCode() == 206 && startsAt(response, have);
      if (!continued) {
        arrival.restart();
        requireStatus(name, response, 200);
      }
      arrival.append(body, progress);
    } catch (OciException e) {
      throw e;
    } catch (IOException e) {
      throw new OciException(
          "Cannot get layer \"%s\" of \"%s\": the connection broke: %s"
              .formatted(layer.digest(), name, e.getMessage()),
          e,
          true);
    }
    if (arrival.length() < layer.size()) {
      throw new OciException(
          "Cannot get layer \"%s\" of \"%s\": it ended after %d of %d bytes"
              .formatted(layer.digest(), name, arrival.length(), layer.size()),
          null,
          true);
    }
  }

  private static boolean startsAt(HttpResponse<?> response, long offset) {
    return response
        .headers()
        .firstValue("Content-Range")
        .filter(range -> range.startsWith("bytes " + offset + "-"))
        .isPresent();
  }

  private interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  private <T> T attempt(Work<T> work) throws IOException, InterruptedException {
    long pause = FIRST_PAUSE_MILLIS;
    for (int i = 1; ; i++) {
      try {
        return work.run();
      } catch (OciException e) {
        if (!e.isRetryable() || i >= config.attemptsMax()) {
          throw e;
        }
      }
      boolean _ = new CountDownLatch(1).await(pause, TimeUnit.MILLISECONDS);
      pause *= 2;
    }
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    http.close();
  }
}
