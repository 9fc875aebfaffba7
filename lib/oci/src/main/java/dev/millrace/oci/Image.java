package dev.millrace.oci;

import java.util.List;

/**
 * An image of one platform, as its manifest and configuration describe it.
 *
 * @param reference pinned to the digest of what the name stood for: the index, where there is one
 * @param manifest digest of the platform's manifest
 * @param layers from the lowest to the topmost
 * @param environment {@code NAME=VALUE}, in order
 */
public record Image(
    ImageReference reference, Digest manifest, List<Layer> layers, List<String> environment) {
  /** Copies. */
  public Image {
    layers = List.copyOf(layers);
    environment = List.copyOf(environment);
  }

  /** One layer: a tar stream, compressed in the way that its media type ends with. */
  public record Layer(String mediaType, Digest digest, long size) {}
}
