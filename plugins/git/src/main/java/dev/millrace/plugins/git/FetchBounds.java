package dev.millrace.plugins.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.net.URL;
import java.util.function.LongSupplier;
import org.eclipse.jgit.lib.EmptyProgressMonitor;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.JDKHttpConnection;
import org.eclipse.jgit.transport.http.JDKHttpConnectionFactory;

/**
 * What one fetch has used up of its limits. Made when it starts; the fetching thread and JGit's
 * reading threads use it.
 */
final class FetchBounds {
  /** JGit keeps all refs that a remote lists, at several times the size they are sent in. */
  private static final int HEAP_PER_REFS_BYTE = 32;

  private final GitLimits limits;
  private final LongSupplier nanoseconds;
  private final long start;
  private final Thread owner = Thread.currentThread();

  FetchBounds(GitLimits limits, LongSupplier nanoseconds) {
    this.limits = limits;
    this.nanoseconds = nanoseconds;
    this.start = nanoseconds.getAsLong();
  }

  GitLimits limits() {
    return limits;
  }

  private boolean isLate() {
    return nanoseconds.getAsLong() - start > limits.fetchTimeMax().toNanos();
  }

  private void check() throws IOException {
    if (owner.isInterrupted()) {
      throw new InterruptedIOException("it was cancelled");
    }
    if (isLate()) {
      throw new IOException("it takes longer than %s".formatted(limits.fetchTimeMax()));
    }
  }

  /** Ends what JGit does between two reads. */
  ProgressMonitor monitor() {
    return new EmptyProgressMonitor() {
      @Override
      public boolean isCancelled() {
        return owner.isInterrupted() || isLate();
      }
    };
  }

  /** What comes from the remote, of which there may be so much. */
  InputStream bounded(InputStream in) {
    return new Bounded(in, limits.packBytesMax());
  }

  private final class Bounded extends FilterInputStream {
    private final long bytesMax;
    private long left;

    Bounded(InputStream in, long bytesMax) {
      super(in);
      this.bytesMax = bytesMax;
      this.left = bytesMax;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      check();
      int count = super.read(buffer, offset, length);
      left -= Math.max(count, 0);
      if (left < 0) {
        throw new IOException(
            "it sends more than %d MiB, which is the limit".formatted(bytesMax >> 20));
      }
      return count;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }

  /** Connections whose answers are bounded: what precedes the objects is, too. */
  JDKHttpConnectionFactory http() {
    return new JDKHttpConnectionFactory() {
      @Override
      public HttpConnection create(URL url) throws IOException {
        return new BoundedConnection(url, Proxy.NO_PROXY);
      }

      @Override
      public HttpConnection create(URL url, Proxy proxy) throws IOException {
        return new BoundedConnection(url, proxy);
      }
    };
  }

  private final class BoundedConnection extends JDKHttpConnection {
    BoundedConnection(URL url, Proxy proxy) throws IOException {
      super(url, proxy);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      boolean refs = getURL().getPath().endsWith("/info/refs");
      long bytesMax = refs ? Runtime.getRuntime().maxMemory() / HEAP_PER_REFS_BYTE : Long.MAX_VALUE;
      return new Bounded(super.getInputStream(), Math.min(bytesMax, limits.packBytesMax()));
    }
  }
}
