package dev.millrace.engine.web;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** One request and the answer to it. Owned by the thread that serves it. */
final class Exchange {
  static final String HTML = "text/html; charset=utf-8";
  static final int FORM_BYTES_MAX = 64 * 1024;
  static final int FILES_BYTES_MAX = 1024 * 1024;
  private static final int GZIP_FROM = 1024;

  private final ServerRequest request;
  private final ServerResponse response;
  private final String path;
  private final Parameters query;
  private boolean answered;
  private Optional<String> place = Optional.empty();
  private Visitor visitor = Visitor.UNKNOWN;

  Exchange(ServerRequest request, ServerResponse response) {
    this.request = request;
    this.response = response;
    this.path = Parameters.decode(request.path().rawPath().replace("+", "%2B"));
    this.query = Parameters.parse(request.query().rawValue());
  }

  /** GET, HEAD, POST …. */
  String method() {
    return request.prologue().method().text();
  }

  /** Decoded, beginning with a slash. */
  String path() {
    return path;
  }

  Parameters query() {
    return query;
  }

  /** The path and query as they were asked for, or what the answer says that it stands at. */
  String address() {
    return place.orElseGet(() -> request.path().rawPath() + query.query());
  }

  /** For an answer to a form that shows a page: where that page is otherwise found. */
  void standAt(String address) {
    place = Optional.of(address);
  }

  Optional<String> header(String name) {
    HeaderName header = HeaderNames.create(name);
    return request.headers().contains(header)
        ? Optional.of(request.headers().get(header).get())
        : Optional.empty();
  }

  Optional<String> cookie(String name) {
    return cookie(header("Cookie").orElse(""), name);
  }

  /**
   * The first cookie of a name in a header. Around it there may be spaces, but not those of
   * Unicode: browsers take a name with one for another name, which anybody may set.
   */
  static Optional<String> cookie(String header, String name) {
    for (String part : header.split(";", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0 && part.substring(0, equals).trim().equals(name)) {
        return Optional.of(part.substring(equals + 1).trim());
      }
    }
    return Optional.empty();
  }

  /** Who asks. */
  Visitor visitor() {
    return visitor;
  }

  void admit(Visitor known) {
    visitor = known;
  }

  /** Whether it is a path on this site, which browsers cannot read as another site's address. */
  static boolean isLocal(String address) {
    return address.matches("/(?:[^/\\\\\\p{Cntrl}][^\\\\\\p{Cntrl}]*)?");
  }

  /** Reads the body as a form; what is in a file is taken as text. */
  Parameters form() {
    String header = header("Content-Type").orElse("");
    String type = header.toLowerCase(Locale.ROOT);
    if (type.startsWith("multipart/form-data")) {
      return Multipart.parse(header, body(FILES_BYTES_MAX));
    }
    if (!type.startsWith("application/x-www-form-urlencoded")) {
      throw PageException.badRequest("The form must be sent as application/x-www-form-urlencoded.");
    }
    return Parameters.parse(new String(body(FORM_BYTES_MAX), StandardCharsets.UTF_8));
  }

  private byte[] body(int max) {
    try (InputStream body = request.content().inputStream()) {
      byte[] bytes = body.readNBytes(max + 1);
      if (bytes.length > max) {
        throw PageException.tooLarge("The form has more than " + max + " bytes.");
      }
      return bytes;
    } catch (IOException | UncheckedIOException | CloseConnectionException e) {
      throw new ReaderGoneException(e);
    }
  }

  /** Adds to those of this name. */
  void addHeader(String name, String value) {
    response.headers().add(HeaderValues.create(name, value));
  }

  void setHeader(String name, String value) {
    response.header(HeaderNames.create(name), value);
  }

  /** Answers with a page that depends on the moment: it may be kept, but is asked for again. */
  void sendHtml(int status, String html) {
    setHeader("Cache-Control", "no-cache");
    send(status, HTML, html.getBytes(StandardCharsets.UTF_8));
  }

  void sendText(int status, String type, String text) {
    setHeader("Cache-Control", "no-cache");
    send(status, type, text.getBytes(StandardCharsets.UTF_8));
  }

  void redirect(String address) {
    setHeader("Location", address);
    setHeader("Cache-Control", "no-store");
    response.status(Status.create(303));
    reach(response::send);
  }

  private void send(int status, String type, byte[] body) {
    byte[] sent = body;
    setHeader("Vary", "Accept-Encoding, Cookie");
    setHeader("Content-Type", type);
    if (body.length >= GZIP_FROM && acceptsGzip()) {
      sent = gzip(body);
      setHeader("Content-Encoding", "gzip");
    }
    if (status == 200) {
      String tag = "\"" + digest(sent) + "\"";
      setHeader("ETag", tag);
      if (isKnown(tag)) {
        notModified();
        return;
      }
    }
    sendBytes(status, sent);
  }

  boolean isKnown(String tag) {
    return header("If-None-Match").map(known -> known.contains(tag)).orElse(false);
  }

  void notModified() {
    response.headers().remove(HeaderNames.CONTENT_TYPE);
    response.headers().remove(HeaderNames.CONTENT_ENCODING);
    response.status(Status.create(304));
    reach(response::send);
  }

  /** Whether an answer was begun: there is no other one then. */
  boolean isAnswered() {
    return answered;
  }

  void sendBytes(int status, byte[] body) {
    answered = true;
    response.status(Status.create(status));
    if (method().equals("HEAD")) {
      setHeader("Content-Length", Integer.toString(body.length));
      reach(response::send);
    } else {
      reach(() -> response.send(body));
    }
  }

  private static void reach(Runnable sending) {
    try {
      sending.run();
    } catch (UncheckedIOException | CloseConnectionException e) {
      throw new ReaderGoneException(e);
    }
  }

  /**
   * Begins an answer of unknown length, compressed where the reader can. To be closed by the
   * caller; for a HEAD request nothing of it is sent.
   */
  OutputStream stream(String type, boolean compress) throws IOException {
    setHeader("Content-Type", type);
    setHeader("X-Accel-Buffering", "no");
    answered = true;
    response.status(Status.create(200));
    if (method().equals("HEAD")) {
      reach(response::send);
      return OutputStream.nullOutputStream();
    }
    if (compress && acceptsGzip()) {
      setHeader("Vary", "Accept-Encoding, Cookie");
      setHeader("Content-Encoding", "gzip");
      return new GZIPOutputStream(new ReaderStream(response.outputStream()), 16 * 1024);
    }
    return new ReaderStream(response.outputStream());
  }

  boolean acceptsGzip() {
    return header("Accept-Encoding").map(value -> value.contains("gzip")).orElse(false);
  }

  static byte[] gzip(byte[] body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 3 + 64);
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static String digest(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  /** The address at the other end. */
  String remoteHost() {
    return request.remotePeer().host();
  }
}
