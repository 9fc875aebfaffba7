package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A git server on this machine that says what a test tells it to. Closed by the test. */
final class HostileServer implements AutoCloseable {
  /** Writes an answer. */
  interface Answer {
    void writeTo(OutputStream out) throws IOException;
  }

  private final HttpServer server;
  private final Set<String> paths = new HashSet<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  HostileServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:%d/r.git".formatted(server.getAddress().getPort());
  }

  /** Serves one commit as the head of {@code main}, and this as its objects. */
  void serve(String commit, Answer pack) {
    advertise(out -> out.write(refs(commit)));
    post(
        out -> {
          out.write(packet("NAK\n"));
          pack.writeTo(out);
        });
  }

  void advertise(Answer refs) {
    answer("/r.git/info/refs", "application/x-git-upload-pack-advertisement", refs);
  }

  void post(Answer answer) {
    answer("/r.git/git-upload-pack", "application/x-git-upload-pack-result", answer);
  }

  void answer(String path, String type, Answer answer) {
    if (!paths.add(path)) {
      server.removeContext(path);
    }
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(200, 0);
            answer.writeTo(exchange.getResponseBody());
          } catch (IOException e) {
            // The client has had enough, which is what is hoped for.
          }
        });
  }

  void redirect(String path, String location) {
    server.createContext(
        path,
        (HttpExchange exchange) -> {
          try (exchange) {
            exchange.getResponseHeaders().add("Location", location);
            exchange.sendResponseHeaders(302, -1);
          }
        });
  }

  static byte[] refs(String commit) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(packet("# service=git-upload-pack\n"));
    out.writeBytes("0000".getBytes(UTF_8));
    out.writeBytes(
        packet(
            commit
                + " HEAD\0multi_ack_detailed no-done ofs-delta allow-tip-sha1-in-want symref=HEAD:refs/heads/main\n"));
    out.writeBytes(packet(commit + " refs/heads/main\n"));
    out.writeBytes("0000".getBytes(UTF_8));
    return out.toByteArray();
  }

  static byte[] packet(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return RawGit.concat("%04x".formatted(bytes.length + 4).getBytes(UTF_8), bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
