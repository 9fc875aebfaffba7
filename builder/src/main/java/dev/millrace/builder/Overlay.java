package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Mounts overlay file systems. Thread-safe. */
interface Overlay extends AutoCloseable {
  /** More layers than this are copied into one: looking up a name costs a step per layer. */
  int LAYERS_MAX = 64;

  /** Mounts layers, nearest first, with a writable one before them. */
  void mount(List<Path> lower, Path upper, Path work, Path target)
      throws IOException, InterruptedException;

  /** Mounts at least two layers, nearest first, for reading. */
  void mountReadOnly(List<Path> lower, Path target) throws IOException, InterruptedException;

  /** Unmounts what is written to: afterwards nobody writes to the layer any more. */
  void unmount(Path target) throws IOException;

  /** Unmounts what nobody needs any more, whoever still looks at it. */
  void detach(Path target);

  /** The path by which this process sees what is mounted on a directory. */
  Path seen(Path target);

  /** Unmounts what is left, where nobody else can do it. */
  @Override
  void close();
}
