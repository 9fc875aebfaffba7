package dev.millrace.plugins.git;

import static dev.millrace.plugins.git.HostileCase.arguments;
import static dev.millrace.plugins.git.HostileCase.exported;
import static dev.millrace.plugins.git.HostileCase.refused;
import static dev.millrace.plugins.git.RawGit.Entry.file;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.base.TemporaryDirectory;
import dev.millrace.plugins.git.HostileCase.Expected;
import dev.millrace.plugins.git.RawGit.Packed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Addresses, and what servers send. Goal and method as in {@link HostileRepositoriesIT}. */
class HostileServersIT {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}")
  @MethodSource("addresses")
  void runsNothingThatAnAddressNames(String address) throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    at.git.head(at.git.tree(file("f", at.git.blob("content"))));
    Map<String, String> before = at.outside();

    String url =
        address.replace("MARKER", at.marker.toString()).replace("PROJECT", at.project.toString());
    at.check(before, at.fetch(url), refused(""));
  }

  static List<String> addresses() {
    return List.of(
        "--upload-pack=/usr/bin/touch MARKER",
        "--upload-pack=touch",
        "-u/usr/bin/touch",
        "ext::sh -c /usr/bin/touch% MARKER",
        "ext::/usr/bin/touch",
        "fd::3",
        "git+ext::/usr/bin/touch",
        "git+--upload-pack=x",
        "ssh://-oProxyCommand=touch/x",
        "ssh://x@-oProxyCommand=touch/x",
        "-oProxyCommand=touch:x",
        "x@-oProxyCommand=touch:x",
        "host:-x",
        "ssh://host.invalid/x",
        "amazon-s3://x/y",
        "file:///etc/passwd",
        "file:///dev/zero",
        "file:///proc/self/fd/0",
        "file://PROJECT\n",
        "https://",
        "file://",
        "",
        "http://127.0.0.1:1/x");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("servers")
  void takesNoMoreThanItWantsFromServers(Served hostile) throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    try (HostileServer server = new HostileServer()) {
      Expected expected = hostile.make(at, server);
      Map<String, String> before = at.outside();

      at.check(before, at.fetch(server.url()), expected);
    }
  }

  /** Makes a server hostile, and says what must come of it. */
  interface Served {
    Expected make(HostileFixture at, HostileServer server) throws Exception;
  }

  private static final byte[] BLOB = "content".getBytes(UTF_8);

  /** A commit of one file, as objects of a pack. */
  private static List<Packed> good() {
    Packed blob = Packed.of(RawGit.BLOB, BLOB);
    Packed tree = Packed.of(RawGit.TREE, RawGit.treeBytes(List.of(file("f", blob.id()))));
    return List.of(blob, tree, Packed.of(RawGit.COMMIT, RawGit.commitBytes(tree.id())));
  }

  static Stream<Arguments> servers() {
    Map<String, Served> all = new LinkedHashMap<>();
    String head = good().getLast().id();
    all.put(
        "a good one",
        (_, server) -> {
          server.serve(head, out -> out.write(RawGit.pack(good())));
          return exported("f", "content");
        });
    all.put(
        "a damaged pack",
        (_, server) -> {
          byte[] pack = RawGit.pack(good());
          pack[40] ^= 0x55;
          server.serve(head, out -> out.write(pack));
          return refused("Cannot fetch");
        });
    all.put(
        "half a pack",
        (_, server) -> {
          byte[] pack = RawGit.pack(good());
          server.serve(head, out -> out.write(pack, 0, pack.length / 2));
          return refused("Cannot fetch");
        });
    all.put(
        "no pack",
        (_, server) -> {
          server.serve(head, out -> out.write("<html>".getBytes(UTF_8)));
          return refused("Cannot fetch");
        });
    all.put(
        "a pack without the commit",
        (_, server) -> {
          server.serve("c".repeat(40), out -> out.write(RawGit.pack(good())));
          return refused("complete object graph");
        });
    all.put(
        "a pack without the file",
        (_, server) -> {
          server.serve(head, out -> out.write(RawGit.pack(good().subList(1, 3))));
          return refused("complete object graph");
        });
    all.put(
        "a pack that says it has 2147483647 objects",
        (_, server) -> {
          server.serve(
              head,
              out -> out.write(RawGit.pack(good(), Integer.MAX_VALUE, new LinkedHashMap<>())));
          return refused("2147483647 objects");
        });
    all.put(
        "a pack that says it has 4294967295 objects",
        (_, server) -> {
          server.serve(head, out -> out.write(RawGit.pack(good(), -1, new LinkedHashMap<>())));
          return refused("4294967295 objects");
        });
    all.put(
        "a file of two GiB in two MB",
        (_, server) -> {
          long size = 2L << 30;
          byte[] zeros = RawGit.zeros(new byte[0], size);
          server.serve(
              head,
              out ->
                  out.write(
                      RawGit.pack(
                          List.of(
                              new Packed("1".repeat(40), RawGit.BLOB, size, new byte[0], zeros)))));
          return refused("Cannot fetch", "bytes");
        });
    all.put(
        "deltas that double thirty times",
        (_, server) -> {
          List<Packed> objects = new ArrayList<>(good());
          byte[] zeros = new byte[1 << 20];
          Packed base = Packed.of(RawGit.BLOB, zeros);
          objects.add(base);
          long size = zeros.length;
          String id = base.id();
          for (int i = 0; i < 11; i++) {
            String next = RawGit.idOfZeros(2 * size);
            objects.add(Packed.delta(next, id, RawGit.delta(size, 2 * size, pieces(size))));
            id = next;
            size *= 2;
          }
          server.serve(head, out -> out.write(RawGit.pack(objects)));
          return refused("Cannot fetch");
        });
    all.put(
        "a pack without an end",
        (at, server) -> {
          at.options.add("small");
          server.serve(
              head,
              out -> {
                byte[] pack = RawGit.pack(good(), 90_000, new LinkedHashMap<>());
                out.write(pack, 0, pack.length - 20);
                byte[] again =
                    RawGit.pack(
                        List.of(
                            Packed.of(
                                RawGit.BLOB,
                                new java.util.Random(1)
                                    .ints(50_000)
                                    .collect(
                                        java.io.ByteArrayOutputStream::new,
                                        java.io.ByteArrayOutputStream::write,
                                        (a, b) -> {})
                                    .toByteArray())));
                while (true) {
                  out.write(again, 12, again.length - 32);
                }
              });
          return refused("Cannot fetch", "more than 64 MiB");
        });
    all.put(
        "refs without an end",
        (_, server) -> {
          server.advertise(
              out -> {
                byte[] refs = HostileServer.refs(head);
                out.write(refs, 0, refs.length - 4);
                for (long i = 0; ; i++) {
                  out.write(HostileServer.packet("%s refs/heads/b%d\n".formatted(head, i)));
                }
              });
          return refused("Cannot fetch", "more than 15 MiB");
        });
    all.put(
        "refs with odd names",
        (_, server) -> {
          server.serve(head, out -> out.write(RawGit.pack(good())));
          server.advertise(
              out -> {
                byte[] refs = HostileServer.refs(head);
                out.write(refs, 0, refs.length - 4);
                for (String name :
                    List.of(
                        "../../evil",
                        "heads/../../x",
                        "/etc/x",
                        "a b",
                        "a\u001b[31m",
                        "-x",
                        "x.lock")) {
                  out.write(HostileServer.packet("%s refs/heads/%s\n".formatted(head, name)));
                  out.write(HostileServer.packet("%s %s\n".formatted(head, name)));
                }
                out.write("0000".getBytes(UTF_8));
              });
          return exported("f", "content");
        });
    all.put(
        "an error with escapes",
        (_, server) -> {
          server.advertise(
              out -> {
                out.write(HostileServer.packet("# service=git-upload-pack\n"));
                out.write("0000".getBytes(UTF_8));
                out.write(HostileServer.packet("ERR \u001b[31mevil\r\nsecond line\n"));
              });
          return refused("Cannot fetch");
        });
    all.put(
        "a redirection to a file",
        (at, server) -> {
          server.redirect("/r.git/info/refs", at.url() + "/info/refs");
          return refused("Cannot fetch");
        });
    all.put(
        "a redirection to a command",
        (_, server) -> {
          server.redirect("/r.git/info/refs", "ext::sh -c id/info/refs");
          return refused("Cannot fetch");
        });
    all.put(
        "redirections in a circle",
        (_, server) -> {
          server.redirect("/r.git/info/refs", "/r.git/info/refs");
          return refused("Cannot fetch");
        });
    all.put(
        "a server without the protocol, whose objects are on this machine",
        (at, server) -> {
          at.git.head(at.git.tree(file("f", at.git.blob("secret"))));
          server.answer(
              "/r.git/info/refs",
              "text/plain",
              out -> out.write((head + "\trefs/heads/main\n").getBytes(UTF_8)));
          server.answer(
              "/r.git/HEAD",
              "text/plain",
              out -> out.write("ref: refs/heads/main\n".getBytes(UTF_8)));
          server.answer(
              "/r.git/objects/info/http-alternates",
              "text/plain",
              out -> out.write((at.project.toUri() + "/.git/objects/\n").getBytes(UTF_8)));
          return refused("Cannot fetch");
        });
    return arguments(all);
  }

  /** Copies of a whole base, twice, in pieces that a delta can say. */
  private static long[][] pieces(long size) {
    List<long[]> copies = new ArrayList<>();
    for (int twice = 0; twice < 2; twice++) {
      for (long at = 0; at < size; at += 8 << 20) {
        copies.add(new long[] {at, Math.min(8 << 20, size - at)});
      }
    }
    return copies.toArray(new long[0][]);
  }

  @Test
  void takesTheCommitOfATagAndRefusesTheHashOfAFile() throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    String blob = at.git.blob("content");
    String commit = at.git.head(at.git.tree(file("f", blob)));
    String tag =
        at.git.object(
            "tag",
            "object %s\ntype commit\ntag v1\ntagger a <a@b> 1700000000 +0000\n\nv1\n"
                .formatted(commit)
                .getBytes(UTF_8));
    at.git.file("refs/tags/v1", tag + "\n");
    at.git.file("refs/heads/blob", blob + "\n");
    Map<String, String> before = at.outside();

    at.check(before, at.fetchCommit(at.url(), tag), exported("f", "content"));
    TemporaryDirectory.deleteTree(at.target);
    at.check(before, at.fetchCommit(at.url(), blob), refused(blob));
    at.check(
        before, at.fetchCommit(at.url(), "0".repeat(40)), refused("no commit " + "0".repeat(40)));
  }
}
