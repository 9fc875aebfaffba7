package dev.millrace.services.cikit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Reads one file from an http server, within limits. Runs on the caller's thread, which should be a
 * virtual one: there an interruption ends it at once.
 */
final class Download {
  private static final int REDIRECTS_MAX = 5;

  /** What an address may lead to. */
  enum Reach {
    /** Only what anybody on the Internet could ask: for addresses that packages name. */
    PUBLIC,
    /** Anything: for addresses that the operator configured. */
    ANY
  }

  private final ArchiveCacheConfig limits;
  private final LongSupplier nanoseconds;

  Download(ArchiveCacheConfig limits, LongSupplier nanoseconds) {
    this.limits = limits;
    this.nanoseconds = nanoseconds;
  }

  /** Copies the file to {@code out}. */
  void copy(String address, Reach reach, OutputStream out)
      throws IOException, InterruptedException {
    URI uri = parse(address);
    URI configured = uri;
    for (int redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      requireHttp(uri);
      if (reach == Reach.PUBLIC || !host(uri).equals(host(configured))) {
        requirePublic(uri);
      }
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      try {
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout((int) limits.silenceMax().toMillis());
        connection.setReadTimeout((int) limits.silenceMax().toMillis());
        connection.setRequestProperty("User-Agent", "millrace");
        connection.setRequestProperty("Accept", "*/*");
        int status = connection.getResponseCode();
        String location = connection.getHeaderField("Location");
        if (status >= 300 && status < 400 && location != null) {
          uri = uri.resolve(parse(location));
          continue;
        }
        if (status != HttpURLConnection.HTTP_OK) {
          throw new IOException("the server answered with status " + status);
        }
        drain(connection, out);
        return;
      } finally {
        connection.disconnect();
      }
    }
    throw new IOException("more than %d redirections".formatted(REDIRECTS_MAX));
  }

  private void drain(HttpURLConnection connection, OutputStream out)
      throws IOException, InterruptedException {
    long deadline = nanoseconds.getAsLong() + limits.timeMax().toNanos();
    long total = 0;
    byte[] buffer = new byte[64 * 1024];
    try (InputStream in = connection.getInputStream()) {
      while (true) {
        int length = in.read(buffer);
        if (length < 0) {
          return;
        }
        total += length;
        if (total > limits.bytesMax()) {
          throw new IOException("it has more than %d bytes".formatted(limits.bytesMax()));
        }
        if (nanoseconds.getAsLong() - deadline > 0) {
          throw new IOException("it took longer than %s".formatted(limits.timeMax()));
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        out.write(buffer, 0, length);
      }
    }
  }

  private static URI parse(String address) throws IOException {
    try {
      return new URI(address.replace(" ", "%20"));
    } catch (URISyntaxException e) {
      throw new IOException("it is no address: " + e.getMessage(), e);
    }
  }

  private static String host(URI uri) {
    return uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
  }

  private static void requireHttp(URI uri) throws IOException {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IOException("only http and https are taken");
    }
    if (host(uri).isEmpty()) {
      throw new IOException("it names no host");
    }
  }

  /**
   * A package must not make us ask services that only trust their own network. The name is looked
   * up again when the connection is made: a server of names that changes its answer in between gets
   * at most one GET of a fixed path through, whose answer is thrown away unless it has the
   * checksum.
   */
  private static void requirePublic(URI uri) throws IOException {
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(host(uri));
    } catch (UnknownHostException e) {
      throw new IOException("there is no host \"%s\"".formatted(host(uri)), e);
    }
    if (Arrays.stream(addresses).anyMatch(Download::isPrivate)) {
      throw new IOException(
          "\"%s\" is a private address, which packages may not name (a mirror may: --archive-mirror)"
              .formatted(host(uri)));
    }
  }

  static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    boolean carrier = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
    return address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || uniqueLocal
        || carrier;
  }
}
