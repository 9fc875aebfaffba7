package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Overlay file systems mounted by root, for all of the machine to see.
 *
 * <p>Syncing inside is left out ({@code volatile}): nothing of a draft matters before its commit,
 * which syncs the file system below. Kernels from 6.8 on take the layers one by one; older ones
 * take one text of at most a page, where each layer is named by a descriptor.
 *
 * <p>Immutable and thread-safe.
 */
final class RootOverlay implements Overlay {
  private static final int ATTRIBUTE_READ_ONLY = 1;
  private static final int ATTRIBUTE_NO_SET_UID = 2;
  private static final int ATTRIBUTE_NO_DEVICES = 4;
  private static final int ATTRIBUTE_NO_PROGRAMS = 8;

  private static final int UNMOUNT_TRIES = 50;

  /** How layers are handed to the kernel. */
  enum Interface {
    /** One by one, by the calls of Linux 6.8. */
    LAYERS,
    /** In one text, by the call that every Linux has. */
    TEXT
  }

  private final Interface kernel;

  RootOverlay(Interface kernel) {
    this.kernel = kernel;
  }

  /** The interface that this kernel has. */
  static RootOverlay ofThisKernel() {
    return new RootOverlay(
        KernelVersion.current().isAtLeast(6, 8) ? Interface.LAYERS : Interface.TEXT);
  }

  @Override
  public void mount(List<Path> lower, Path upper, Path work, Path target) throws IOException {
    // A step's own programs may be set-uid (sudo), but its devices are those of its sandbox.
    switch (kernel) {
      case LAYERS -> {
        try (Linux.Descriptor context = configure(lower)) {
          Linux.configure(context, "upperdir", upper.toString());
          Linux.configure(context, "workdir", work.toString());
          Linux.configure(context, "volatile");
          Linux.configure(context, "redirect_dir", "on");
          Linux.mountConfigured(context, ATTRIBUTE_NO_DEVICES, target);
        }
      }
      case TEXT -> {
        List<Path> all = new ArrayList<>(lower);
        all.add(upper);
        all.add(work);
        withNames(
            all,
            names -> {
              int count = lower.size();
              Linux.mount(
                  "overlay",
                  target,
                  "overlay",
                  ATTRIBUTE_NO_DEVICES,
                  "lowerdir=%s,upperdir=%s,workdir=%s,volatile,redirect_dir=on"
                      .formatted(
                          String.join(":", names.subList(0, count)),
                          names.get(count),
                          names.get(count + 1)));
            });
      }
    }
  }

  @Override
  public void mountReadOnly(List<Path> lower, Path target) throws IOException {
    int attributes =
        ATTRIBUTE_READ_ONLY | ATTRIBUTE_NO_SET_UID | ATTRIBUTE_NO_DEVICES | ATTRIBUTE_NO_PROGRAMS;
    switch (kernel) {
      case LAYERS -> {
        try (Linux.Descriptor context = configure(lower)) {
          Linux.configure(context, "redirect_dir", "follow");
          Linux.mountConfigured(context, attributes, target);
        }
      }
      case TEXT ->
          withNames(
              lower,
              names ->
                  Linux.mount(
                      "overlay",
                      target,
                      "overlay",
                      attributes,
                      "lowerdir=" + String.join(":", names) + ",redirect_dir=follow"));
    }
  }

  private static Linux.Descriptor configure(List<Path> lower) throws IOException {
    Linux.Descriptor context = Linux.openFileSystem("overlay");
    try {
      Linux.configure(context, "source", "overlay");
      for (Path layer : lower) {
        Linux.configure(context, "lowerdir+", layer.toString());
      }
      return context;
    } catch (IOException e) {
      context.close();
      throw e;
    }
  }

  /** What is done with the names of descriptors. */
  private interface Naming {
    void accept(List<String> names) throws IOException;
  }

  private static void withNames(List<Path> paths, Naming action) throws IOException {
    List<Linux.Descriptor> open = new ArrayList<>();
    try {
      for (Path path : paths) {
        open.add(Linux.open(path, Linux.O_PATH));
      }
      action.accept(open.stream().map(Linux.Descriptor::path).toList());
    } finally {
      open.forEach(Linux.Descriptor::close);
    }
  }

  @Override
  public void unmount(Path target) throws IOException {
    // Who has been interrupted does not pause between tries.
    Uninterrupted.run(() -> unmountPatiently(target));
  }

  private static void unmountPatiently(Path target) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        Linux.unmount(target, false);
        return;
      } catch (Linux.CallException e) {
        if (e.errno() != Linux.EBUSY || tries == UNMOUNT_TRIES) {
          throw e;
        }
        // A sandbox that has just ended may still be leaving.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
  }

  @Override
  public void detach(Path target) {
    try {
      Linux.unmount(target, true);
    } catch (IOException e) {
      // Not mounted any more: that is what was wanted.
    }
  }

  @Override
  public Path seen(Path target) {
    return target;
  }

  @Override
  public void close() {}
}
