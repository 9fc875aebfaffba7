package dev.millrace.engine.core;

import dev.millrace.base.Limit;
import dev.millrace.base.Secret;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a job that this engine runs: written by the job, read by anyone. Thread-safe.
 *
 * <p>It begins in memory and becomes a file once it is longer than {@value #SHORT_MAX} bytes, or
 * has been there for longer than a moment while its job runs ({@link #settle}), or its job fails.
 * What is still in memory at the end is stored with the job's record ({@link #closeShort}): to make
 * a file, and to have it on the disk, costs more than all else that a small job does.
 *
 * <p>Written through a stream and not a channel, because an interruption closes a channel. The
 * stream is open while bytes come; {@link #rest} closes it for a job that waits, so that jobs that
 * queue by the thousand hold no descriptors.
 *
 * <p>A disk that takes no more does not stop the job: the bytes are left out, and as soon as the
 * log can be written again it says how many. {@link #close} fails as long as it cannot say so.
 */
final class LogFile implements JobLog {
  private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final Duration FRESH = Duration.ofSeconds(5);

  /** The longest log that is kept without a file, in bytes. */
  static final int SHORT_MAX = 4096;

  /** How long a log may be in memory only, where a crash loses it. */
  private static final Duration MOMENT = Duration.ofSeconds(1);

  private final Path path;

  /** How much a job may print; what comes after is dropped, and said so. */
  private final long sizeMax;

  // Serialises writers; held while writing, which is the only I/O of this file.
  private final ReentrantLock writing = new ReentrantLock();
  private @Nullable FileOutputStream stream;
  private boolean open;
  private boolean cut;
  private long missing;
  private @Nullable IOException problem;
  private final Mask mask = new Mask();

  // Guards what follows; never held during I/O. Taken inside the other, never around it.
  private final ReentrantLock state = new ReentrantLock();
  private final Condition grown = state.newCondition();
  private long size;
  private boolean complete;

  /** The log itself as long as it is no file; grows as needed. */
  private byte @Nullable [] head;

  /** When its first bytes came. */
  private long begun;

  private Optional<IOException> gap = Optional.empty();
  private long gapSeen;

  /** A log whose file, if it ever has one, is at {@code path}. */
  LogFile(Path path, long sizeMax) {
    this.path = path;
    this.sizeMax = sizeMax;
  }

  /** Lets bytes come. */
  void open() {
    writing.lock();
    try {
      open = true;
      state.lock();
      try {
        head = new byte[256];
      } finally {
        state.unlock();
      }
    } finally {
      writing.unlock();
    }
  }

  /**
   * Appends as much as the disk takes. What comes before the log was opened, or after it was
   * closed, is dropped.
   */
  void append(byte[] bytes, int offset, int length) {
    writing.lock();
    try {
      if (mask.hidesNothing()) {
        write(bytes, offset, length);
      } else {
        byte[] covered = mask.next(bytes, offset, length);
        write(covered, 0, covered.length);
      }
    } finally {
      writing.unlock();
    }
  }

  // With the lock of writers held.
  private void write(byte[] bytes, int offset, int length) {
    if (open && !cut && length > 0 && !keep(bytes, offset, length)) {
      long now = tryWrite(bytes, offset, length);
      announce(now);
    }
  }

  /** Keeps bytes in memory, if the log is there and stays short. With the lock of writers held. */
  private boolean keep(byte[] bytes, int offset, int length) {
    if (problem != null) {
      return false;
    }
    state.lock();
    try {
      byte[] kept = head;
      if (kept == null || size + length > SHORT_MAX) {
        return false;
      }
      if (size == 0) {
        begun = System.nanoTime();
      }
      int end = (int) size + length;
      if (end > kept.length) {
        kept = Arrays.copyOf(kept, Math.min(SHORT_MAX, Math.max(end, 2 * kept.length)));
        head = kept;
      }
      System.arraycopy(bytes, offset, kept, (int) size, length);
      size = end;
      grown.signalAll();
      return true;
    } finally {
      state.unlock();
    }
  }

  // With the lock of writers held.
  private void writeHeldBack() {
    byte[] rest = mask.rest();
    write(rest, 0, rest.length);
  }

  /** From now on shows stars in place of this. */
  void hide(Secret secret) {
    writing.lock();
    try {
      mask.hide(secret);
    } finally {
      writing.unlock();
    }
  }

  /** A text without what is hidden. */
  String cover(String text) {
    writing.lock();
    try {
      return mask.cover(text);
    } finally {
      writing.unlock();
    }
  }

  // With the lock of writers held. Returns how long the file is now.
  private long tryWrite(byte[] bytes, int offset, int length) {
    long begin = size();
    try {
      begin += writeGap();
    } catch (IOException e) {
      leaveOut(length, e);
      return sizeOnDisk(begin);
    }
    int fits = Math.clamp(sizeMax - begin, 0, length);
    try {
      stream().write(bytes, offset, fits);
    } catch (IOException e) {
      long now = sizeOnDisk(begin);
      leaveOut(length - (now - begin), e);
      return now;
    }
    long now = begin + fits;
    if (fits == length) {
      return now;
    }
    cut = true;
    try {
      return now
          + write(
              "\n[The log ends here: it reached its limit of %s (--log-size-max)]\n"
                  .formatted(Limit.bytes(sizeMax)));
    } catch (IOException e) {
      leaveOut(0, e);
      return sizeOnDisk(now);
    }
  }

  private void leaveOut(long bytes, IOException why) {
    if (problem == null) {
      LOG.error("The log \"{}\" cannot be written: bytes are left out", path, why);
    }
    missing += bytes;
    problem = why;
  }

  /** Says what is missing, if anything is; returns how many bytes that took. */
  private long writeGap() throws IOException {
    IOException why = problem;
    if (why == null) {
      return 0;
    }
    long written =
        write(
            "\n[%d bytes are missing here: the log could not be written: %s]\n"
                .formatted(missing, Traces.rootMessage(why)));
    missing = 0;
    problem = null;
    return written;
  }

  private long write(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    stream().write(bytes);
    return bytes.length;
  }

  private FileOutputStream stream() throws IOException {
    FileOutputStream present = stream;
    if (present == null) {
      makeFile();
      present = new FileOutputStream(path.toFile(), true);
      stream = present;
    }
    return present;
  }

  /**
   * Makes a file of what is in memory, if that has not been done. With the lock of writers held.
   */
  private void makeFile() throws IOException {
    Optional<byte[]> kept = inMemory();
    if (kept.isEmpty()) {
      return;
    }
    Files.createDirectories(path.getParent());
    if (!Files.exists(path)) {
      Files.createFile(path, OWNER_ONLY);
    }
    // Anew: an earlier attempt may have succeeded in a part.
    Files.write(path, kept.get());
    state.lock();
    try {
      head = null;
    } finally {
      state.unlock();
    }
  }

  private Optional<byte[]> inMemory() {
    state.lock();
    try {
      return Optional.ofNullable(head).map(kept -> Arrays.copyOf(kept, (int) size));
    } finally {
      state.unlock();
    }
  }

  /** How long the log is, after a write of which only a part may have succeeded. */
  private long sizeOnDisk(long otherwise) {
    try {
      return inMemory().isPresent() ? otherwise : Files.size(path);
    } catch (IOException e) {
      return otherwise;
    }
  }

  // With the lock of writers held, so that sizes come in order.
  private void announce(long newSize) {
    state.lock();
    try {
      size = Math.max(size, newSize);
      gap = Optional.ofNullable(problem);
      gapSeen = System.nanoTime();
      grown.signalAll();
    } finally {
      state.unlock();
    }
  }

  /** Why bytes were left out within the last seconds, if any were. */
  Optional<IOException> freshGap() {
    state.lock();
    try {
      // A job that has nothing more to say does not learn that there is room again.
      return gap.filter(_ -> System.nanoTime() - gapSeen < FRESH.toNanos());
    } finally {
      state.unlock();
    }
  }

  /** Makes a file of a log that has been in memory for longer than a moment. */
  void settle() {
    writing.lock();
    try {
      if (open && problem == null && isOld()) {
        makeFile();
      }
    } catch (IOException e) {
      // It stays where it is; the next bytes, or the end, will say so.
      LOG.warn("The log \"{}\" is in memory only", path, e);
    } finally {
      writing.unlock();
    }
  }

  private boolean isOld() {
    state.lock();
    try {
      return head != null && size > 0 && System.nanoTime() - begun > MOMENT.toNanos();
    } finally {
      state.unlock();
    }
  }

  /** Keeps no descriptor until something is appended. */
  void rest() {
    writing.lock();
    try {
      writeHeldBack();
      closeStream();
    } catch (IOException e) {
      LOG.error("The log \"{}\" may be cut short", path, e);
    } finally {
      writing.unlock();
    }
  }

  private void closeStream() throws IOException {
    FileOutputStream present = stream;
    stream = null;
    if (present != null) {
      present.close();
    }
  }

  /**
   * Lets no more come, if all of it is in memory; what it is then, for its owner to store. Else it
   * is as open as before, for {@link #close}.
   */
  Optional<byte[]> closeShort() {
    Optional<byte[]> kept;
    writing.lock();
    try {
      writeHeldBack();
      kept = problem == null ? inMemory() : Optional.empty();
      if (kept.isPresent()) {
        open = false;
      }
    } finally {
      writing.unlock();
    }
    if (kept.isPresent()) {
      complete();
    }
    return kept;
  }

  /**
   * Has the bytes on the disk, and lets no more come. May be called again after it has failed.
   *
   * @throws UnsyncedException if they may never be on the disk
   * @throws IOException if some are missing and the log cannot say so
   */
  void close() throws IOException {
    writing.lock();
    try {
      if (open) {
        writeHeldBack();
        announce(size() + writeGap());
        sync(stream());
        open = false;
        closeStream();
      }
    } catch (IOException e) {
      announce(sizeOnDisk(size()));
      throw e;
    } finally {
      writing.unlock();
    }
    complete();
  }

  /** Has the file on the disk, and its name, without which its bytes are lost. */
  private void sync(FileOutputStream file) throws UnsyncedException {
    try (FileChannel directory = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
      file.getFD().sync();
      directory.force(true);
    } catch (IOException e) {
      throw new UnsyncedException(e);
    }
  }

  /** Lets no more come, whatever has become of what came. */
  void abandon() {
    writing.lock();
    try {
      open = false;
      closeStream();
    } catch (IOException e) {
      LOG.error("The log \"{}\" may be cut short", path, e);
    } finally {
      writing.unlock();
    }
    complete();
  }

  private void complete() {
    state.lock();
    try {
      complete = true;
      grown.signalAll();
    } finally {
      state.unlock();
    }
  }

  @Override
  public long size() {
    state.lock();
    try {
      return size;
    } finally {
      state.unlock();
    }
  }

  @Override
  public byte[] read(long offset, int lengthMax) throws IOException {
    Optional<byte[]> kept = inMemory();
    return kept.isPresent()
        ? EndedLog.part(kept.get(), offset, lengthMax)
        : EndedLog.readFile(path, offset, (int) Math.min(lengthMax, Math.max(0, size() - offset)));
  }

  @Override
  public boolean isComplete() {
    state.lock();
    try {
      return complete;
    } finally {
      state.unlock();
    }
  }

  @Override
  public void awaitGrowth(long offset, Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    state.lock();
    try {
      while (size <= offset && !complete && left > 0) {
        left = grown.awaitNanos(left);
      }
    } finally {
      state.unlock();
    }
  }
}
