package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Overlay file systems of an ordinary user, which Linux allows from 5.11 on inside a user
 * namespace: mounted in the namespaces of {@link UserMounts}, and seen by us through its process.
 *
 * <p>What marks a layer lies in attributes that users may set. So the kernel does not believe all
 * of them: a directory of a lower layer cannot be renamed (programs copy it then, as they do
 * between file systems).
 *
 * <p>Thread-safe.
 */
final class UserOverlay implements Overlay {
  private static final String MOUNT = SeccompProfile.resource("overlay.pl");
  private static final int OUTPUT_BYTES_MAX = 4096;
  private static final int UNMOUNT_TRIES = 50;

  private static final int NO_DEVICES = 4;
  private static final int READ_ONLY_NO_SET_UID_NO_DEVICES_NO_PROGRAMS = 15;

  private final UserMounts mounts;

  private UserOverlay(UserMounts mounts) {
    this.mounts = mounts;
  }

  /** Starts to keep mounts of this user, until it is closed. */
  static UserOverlay open(SubordinateIds subordinates) throws IOException, InterruptedException {
    return new UserOverlay(UserMounts.open(subordinates));
  }

  @Override
  public void mount(List<Path> lower, Path upper, Path work, Path target)
      throws IOException, InterruptedException {
    // A step's own programs may be set-uid (sudo); nobody's devices are devices in there.
    mount(NO_DEVICES, target, lower, List.of(upper, work));
  }

  @Override
  public void mountReadOnly(List<Path> lower, Path target)
      throws IOException, InterruptedException {
    mount(READ_ONLY_NO_SET_UID_NO_DEVICES_NO_PROGRAMS, target, lower, List.of());
  }

  private void mount(int flags, Path target, List<Path> lower, List<Path> writable)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(List.of("perl", "-e", MOUNT, "--"));
    argv.add(Integer.toString(Machine.current().mountCall()));
    argv.addAll(List.of(Integer.toString(flags), target.toString()));
    argv.add(Integer.toString(lower.size()));
    Stream.concat(lower.stream(), writable.stream()).forEach(path -> argv.add(path.toString()));
    run(argv);
  }

  @Override
  public void unmount(Path target) throws IOException {
    Uninterrupted.run(
        () -> {
          for (int tries = 1; ; tries++) {
            try {
              run(List.of("umount", "--", target.toString()));
              return;
            } catch (ProcessException e) {
              if (tries == UNMOUNT_TRIES) {
                throw e;
              }
              // A sandbox that has just ended may still be leaving.
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
          }
        });
  }

  @Override
  public void detach(Path target) {
    try {
      Uninterrupted.run(() -> run(List.of("umount", "--lazy", "--", target.toString())));
    } catch (IOException e) {
      // Not mounted any more: that is what was wanted.
    }
  }

  private void run(List<String> command) throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(mounts.enter());
    argv.addAll(command);
    Command.of(argv).read(OUTPUT_BYTES_MAX);
  }

  @Override
  public Path seen(Path target) {
    return mounts.seen(target);
  }

  @Override
  public void close() {
    mounts.close();
  }
}
