package dev.millrace.builder;

import dev.millrace.oci.Image;
import dev.millrace.oci.ImageReference;
import dev.millrace.oci.ImageTar;
import dev.millrace.oci.OciException;
import dev.millrace.oci.Platform;
import dev.millrace.oci.Registry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Pulls bases from OCI registries, without a Docker engine. Thread-safe; owns no registry. */
public final class RegistryFetcher implements Fetcher {
  private final Registry registry;
  private final Platform platform;
  private final StepTrees trees;

  /** A fetcher of images for a platform. */
  public RegistryFetcher(Registry registry, Platform platform, StepTrees trees) {
    this.registry = registry;
    this.platform = platform;
    this.trees = trees;
  }

  /**
   * The same image by digest, so that it may be a key.
   *
   * @throws BuilderException if there is no such image, or no such registry
   */
  public String pin(String base) throws IOException, InterruptedException {
    return resolve(base).reference().toString();
  }

  @Override
  public List<Sandbox.Variable> fetch(String base, Path rootfs, BuildLog log)
      throws IOException, InterruptedException {
    Image image = resolve(base);
    log.note("pulling %s (%d layers)".formatted(image.reference(), image.layers().size()));
    try {
      List<Path> layers = new ArrayList<>();
      for (Image.Layer layer : image.layers()) {
        layers.add(registry.layer(image, layer, (_, _, _) -> {}));
        log.note("%s: %d bytes".formatted(layer.digest(), layer.size()));
      }
      TarPipe.unpack(
          trees, rootfs, stream -> ImageTar.write(layers, ImageTar.Limits.defaults(), stream));
    } catch (OciException e) {
      throw failure(e);
    }
    return ImageVariables.parse(base, image.environment());
  }

  private Image resolve(String base) throws IOException, InterruptedException {
    try {
      return registry.resolve(ImageReference.parse(base), platform);
    } catch (IllegalArgumentException e) {
      throw new BuilderException(String.valueOf(e.getMessage()), e);
    } catch (OciException e) {
      throw failure(e);
    }
  }

  private static BuilderException failure(OciException e) {
    return new BuilderException(String.valueOf(e.getMessage()), e, e.isRetryable());
  }
}
