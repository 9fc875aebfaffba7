package dev.millrace.plugins.git;

import static dev.millrace.plugins.git.HostileCase.arguments;
import static dev.millrace.plugins.git.HostileCase.exported;
import static dev.millrace.plugins.git.HostileCase.refused;
import static dev.millrace.plugins.git.RawGit.Entry.directory;
import static dev.millrace.plugins.git.RawGit.Entry.file;
import static dev.millrace.plugins.git.RawGit.Entry.link;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Command;
import dev.millrace.plugins.git.HostileCase.Expected;
import dev.millrace.plugins.git.RawGit.Entry;
import dev.millrace.plugins.git.RawGit.Packed;
import java.nio.file.Files;
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

/**
 * Repositories made to harm who reads them. Goal: nothing in them is run, nothing is written
 * outside the directory asked for (nor into the repository), within a minute and 512 MiB; and
 * either the files are exactly those of the commit, or one line says which object is to blame.
 *
 * <p>Method: each is written byte by byte, and read by a process of its own, in which every program
 * that could be found by name leaves a marker.
 */
class HostileRepositoriesIT {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}")
  @MethodSource("trees")
  void readsOnlyTheFilesOfHostileTrees(HostileCase hostile) throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    Expected expected = hostile.make(at);
    Map<String, String> before = at.outside();

    at.check(before, at.export(), expected);
  }

  static Stream<Arguments> trees() {
    Map<String, HostileCase> all = new LinkedHashMap<>();
    all.put(
        "a link to the outside, and a file through it",
        at ->
            refused(
                at,
                "two entries for \"a\"",
                link("a", at.git.blob(at.root.resolve("canary").toString())),
                directory("a", at.git.tree(file("evil", at.git.blob("evil"))))));
    all.put(
        "a directory, and a link in its place",
        at ->
            refused(
                at,
                "two entries for \"a\"",
                directory("a", at.git.tree(file("evil", at.git.blob("evil")))),
                link("a", at.git.blob("../../canary"))));
    all.put(
        "the same file twice",
        at ->
            refused(
                at,
                "two entries for \"f\"",
                file("f", at.git.blob("1")),
                file("f", at.git.blob("2"))));
    for (String name :
        List.of(
            ".git",
            ".GIT",
            ".Git ",
            ".git.",
            "git~1",
            "GIT~1",
            ".g\u200cit",
            ".\u200dgit",
            "\ufeff.git",
            ".gi\u206ft",
            ".",
            "..",
            "",
            "../evil",
            "/etc/evil",
            "a/b")) {
      all.put(
          "a directory called \"%s\"".formatted(Printable.of(name)),
          at ->
              refused(
                  at,
                  "git does not allow",
                  directory(
                      name,
                      at.git.tree(directory("hooks", at.git.tree(file("x", at.git.blob("x"))))))));
    }
    all.put(
        "a file called .git",
        at -> refused(at, "git does not allow", file(".git", at.git.blob("gitdir: ../canary\n"))));
    all.put(
        "names with newlines, returns, escapes, and back-slashes",
        at ->
            exported(
                at,
                Map.of(
                    "a\nb", "1", "c\rd", "2", "\u001b[31mred", "3", "-rf", "4", "x\\..\\y", "5")));
    all.put(
        "names that differ in case only",
        at -> exported(at, Map.of("a", "1", "A", "2", "Makefile", "3", "makefile", "4")));
    all.put(
        "a name that is not UTF-8",
        at ->
            refused(
                at,
                "must be UTF-8",
                new Entry("100644", new byte[] {'a', (byte) 0xff}, at.git.blob("1"))));
    all.put(
        "a name of 300 bytes",
        at -> refused(at, "at most 255 bytes", file("n".repeat(300), at.git.blob("1"))));
    all.put(
        "a path of 30 kB",
        at -> {
          String tree = at.git.tree(file("f", at.git.blob("1")));
          for (int i = 0; i < 120; i++) {
            tree = at.git.tree(directory("d".repeat(250), tree));
          }
          at.git.head(tree);
          return refused("path of more than 4095 bytes");
        });
    all.put(
        "links to everywhere",
        at -> {
          at.git.head(
              at.git.tree(
                  link("loop", at.git.blob("loop")),
                  link("passwd", at.git.blob("/etc/passwd")),
                  link("up", at.git.blob("../../../canary/file")),
                  link("zero", at.git.blob("/dev/zero"))));
          return exported(
              "loop", "-> loop",
              "passwd", "-> /etc/passwd",
              "up", "-> ../../../canary/file",
              "zero", "-> /dev/zero");
        });
    all.put(
        "a link whose target has a NUL",
        at -> refused(at, "no path: \"a?b\"", link("l", at.git.blob("a\0b"))));
    all.put(
        "a link whose target is not UTF-8",
        at ->
            refused(
                at,
                "target that is not UTF-8",
                link("l", at.git.object("blob", new byte[] {(byte) 0xc3, 'x'}))));
    all.put(
        "a link whose target has 100 MB",
        at ->
            refused(
                at,
                "1 to 4095 are possible",
                link("l", at.git.object("blob", new byte[100_000_000]))));
    all.put("a link to nothing", at -> refused(at, "1 to 4095", link("l", at.git.blob(""))));
    all.put(
        "modes that git does not know",
        at -> refused(at, "no kind that git knows", Entry.of("10644", "f", at.git.blob("1"))));
    all.put(
        "a million entries",
        at -> {
          String blob = at.git.blob("x");
          List<Entry> entries = new ArrayList<>();
          for (int i = 0; i < 1_000_000; i++) {
            entries.add(file("f%06d".formatted(i), blob));
          }
          at.git.head(at.git.object("tree", RawGit.treeBytes(entries)));
          return refused("more than 750000 files");
        });
    all.put(
        "a directory of 60 MB",
        at -> {
          at.git.head(at.git.object("tree", new byte[60_000_000]));
          return refused("a list of more than 40 MiB");
        });
    all.put(
        "ten thousand levels",
        at -> {
          String tree = at.git.tree(file("f", at.git.blob("1")));
          for (int i = 0; i < 10_000; i++) {
            tree = at.git.tree(directory("d", tree));
          }
          at.git.head(tree);
          return refused("deeper than 128");
        });
    all.put(
        "a thousand million files in thirty objects",
        at -> {
          String tree = at.git.tree(file("f", at.git.blob("1")));
          for (int i = 0; i < 30; i++) {
            tree = at.git.tree(directory("a", tree), directory("b", tree));
          }
          at.git.head(tree);
          return refused("more than 750000 files");
        });
    all.put(
        "520 MiB of zeros in half a megabyte, within the limits",
        at -> {
          long size = 520L << 20;
          String id = RawGit.idOfZeros(size);
          at.git.loose(id, RawGit.zeros("blob %d\0".formatted(size).getBytes(UTF_8), size));
          at.git.head(at.git.tree(file("zeros", id)));
          return exported("zeros", size + " bytes");
        });
    all.put(
        "five GiB of zeros",
        at -> {
          long size = 5L << 30;
          String id = "5".repeat(40);
          at.git.loose(id, RawGit.zeros("blob %d\0".formatted(size).getBytes(UTF_8), size));
          at.git.head(at.git.tree(file("zeros", id)));
          return refused("more than 4096 MiB", "\"zeros\"", id);
        });
    all.put(
        "one GiB of zeros, a hundred times, in a pack",
        at -> {
          long size = 1L << 30;
          String id = "5".repeat(40);
          at.git.writePack(
              List.of(
                  new Packed(id, RawGit.BLOB, size, new byte[0], RawGit.zeros(new byte[0], size))));
          Entry[] entries = new Entry[100];
          for (int i = 0; i < 100; i++) {
            entries[i] = file("f%02d".formatted(i), id);
          }
          at.git.head(at.git.tree(entries));
          return refused("more than 4096 MiB", id);
        });
    all.put(
        "a file that is larger than it says",
        at -> {
          String id = "6".repeat(40);
          at.git.loose(id, RawGit.zeros("blob 10\0".getBytes(UTF_8), 3L << 30));
          at.git.head(at.git.tree(file("f", id)));
          return refused("\"f\"", id);
        });
    all.put(
        "a file that is smaller than it says",
        at -> {
          String id = "6".repeat(40);
          at.git.loose(id, RawGit.zeros("blob 900000000\0".getBytes(UTF_8), 100));
          at.git.head(at.git.tree(file("f", id)));
          return refused("\"f\"", id);
        });
    all.put(
        "a file that is not what its hash says",
        at -> {
          String id = "7".repeat(40);
          at.git.loose(id, RawGit.deflate("blob 1\0x".getBytes(UTF_8)));
          at.git.head(at.git.tree(file("f", id)));
          return refused("damaged", "\"f\"", id);
        });
    all.put(
        "a directory that is not what its hash says",
        at -> {
          byte[] tree = RawGit.treeBytes(List.of(file("f", at.git.blob("1"))));
          byte[] head = "tree %d\0".formatted(tree.length).getBytes(UTF_8);
          at.git.loose("8".repeat(40), RawGit.deflate(RawGit.concat(head, tree)));
          at.git.head("8".repeat(40));
          return refused("damaged", "8".repeat(40));
        });
    all.put(
        "a delta of 200 MB, each piece of it before the last",
        at -> {
          at.git.head(at.git.tree(file("f", largeDelta(at, 100 << 20, 2))));
          return exported("f", (200 << 20) + " bytes");
        });
    all.put(
        "a delta of a thousand MB, which the heap has no room for",
        at -> {
          String id = largeDelta(at, 100 << 20, 10);
          at.git.head(at.git.tree(file("f", id)));
          return refused("\"f\"", id);
        });
    all.put(
        "deltas that double thirty times",
        at -> {
          List<Packed> objects = new ArrayList<>();
          long size = 1 << 20;
          String id = RawGit.idOfZeros(size);
          objects.add(
              new Packed(id, RawGit.BLOB, size, new byte[0], RawGit.zeros(new byte[0], size)));
          for (int i = 0; i < 30; i++) {
            String next = "%040x".formatted(i + 1);
            objects.add(
                Packed.delta(
                    next,
                    id,
                    RawGit.delta(size, 2 * size, new long[] {0, size}, new long[] {0, size})));
            id = next;
            size *= 2;
          }
          at.git.writePack(objects);
          at.git.head(at.git.tree(file("f", id)));
          return refused("more than 4096 MiB", id);
        });
    all.put(
        "a chain of 20,000 deltas",
        at -> {
          List<Packed> objects = new ArrayList<>();
          Packed base = Packed.of(RawGit.BLOB, new byte[5000]);
          objects.add(base);
          String id = base.id();
          for (int i = 1; i <= 20_000; i++) {
            String next = i == 20_000 ? RawGit.idOf("blob", new byte[5000]) : "%040x".formatted(i);
            if (i == 20_000) {
              // The last one is the same file again, under a name of its own.
              next = "e".repeat(40);
            }
            objects.add(Packed.delta(next, id, RawGit.delta(5000, 5000, new long[] {0, 5000})));
            id = next;
          }
          at.git.writePack(objects);
          at.git.head(at.git.tree(file("f", id)));
          return refused("damaged", "has the hash " + base.id());
        });
    all.put(
        "a delta of itself",
        at -> {
          String a = "a".repeat(40);
          String b = "b".repeat(40);
          at.git.writePack(
              List.of(
                  Packed.delta(a, b, RawGit.delta(10, 10, new long[] {0, 10})),
                  Packed.delta(b, a, RawGit.delta(10, 10, new long[] {0, 10}))));
          at.git.head(at.git.tree(file("f", a)));
          return refused("\"f\"", a);
        });
    all.put(
        "a tree that is a file, a file that is a tree",
        at -> {
          at.git.head(at.git.tree(directory("d", at.git.blob("1"))));
          return refused("\"d\"");
        });
    all.put(
        "a file that is a tree",
        at -> {
          String tree = at.git.tree(file("f", at.git.blob("1")));
          at.git.head(at.git.tree(file("d", tree)));
          return refused("\"d\"", tree);
        });
    all.put(
        "a file that is missing",
        at -> {
          at.git.head(at.git.tree(file("f", "9".repeat(40))));
          return refused("\"f\"", "9".repeat(40), "lacks");
        });
    all.put(
        "attributes that ask for filters, substitutions, and encodings",
        at -> {
          at.git.config(
              "[filter \"x\"]\n\tsmudge = %1$s\n\tclean = %1$s\n\tprocess = %1$s\n\trequired = true\n"
                  .formatted(at.command()));
          at.git.head(
              at.git.tree(
                  file(
                      ".gitattributes",
                      at.git.blob(
                          "* filter=x export-subst text eol=crlf working-tree-encoding=UTF-16 ident\n")),
                  file("f", at.git.blob("$Format:%H$ $Id$\n"))));
          return exported(
              ".gitattributes",
                  "* filter=x export-subst text eol=crlf working-tree-encoding=UTF-16 ident\n",
              "f", "$Format:%H$ $Id$\n");
        });
    all.put(
        "a commit of 60 MB",
        at -> {
          String tree = at.git.tree(file("f", at.git.blob("1")));
          byte[] message = new byte[60_000_000];
          java.util.Arrays.fill(message, (byte) 'm');
          at.git.branch(at.git.object("commit", RawGit.concat(RawGit.commitBytes(tree), message)));
          return refused("HEAD");
        });
    all.put(
        "a commit whose title has 20 MB, escapes, and an encoding that nobody has",
        at -> {
          String tree = at.git.tree(file("f", at.git.blob("1")));
          String text =
              new String(RawGit.commitBytes(tree), UTF_8)
                  .replace(
                      "\n\nHostile",
                      "\nencoding x-\u00e9vil\n\n\u001b]0;evil\u0007" + "m".repeat(20_000_000));
          at.git.branch(at.git.object("commit", text.getBytes(UTF_8)));
          return exported("f", "1");
        });
    return arguments(all);
  }

  /**
   * The harness must see what it looks for: git itself, told to, does run what a repository says.
   */
  @Test
  void aNaiveCheckoutRunsTheFilterAndIsSeen() throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    at.git.config("[filter \"x\"]\n\tsmudge = %s\n".formatted(at.command()));
    at.git.head(
        at.git.tree(
            file(".gitattributes", at.git.blob("* filter=x\n")), file("f", at.git.blob("1"))));
    Map<String, String> before = at.outside();

    Files.createDirectories(at.target);
    Command.of(
            "git",
            "-C",
            at.project.toString(),
            "--work-tree=" + at.target,
            "checkout",
            "-f",
            "main")
        .withEnvironment(
            Map.of(
                "PATH",
                System.getenv("PATH"),
                "HOME",
                at.root.resolve("home").toString(),
                "GIT_CONFIG_COUNT",
                "1",
                "GIT_CONFIG_KEY_0",
                "safe.directory",
                "GIT_CONFIG_VALUE_0",
                "*"))
        .read(10_000);

    assertThat(at.marker).exists();
    assertThat(at.outside()).isNotEqualTo(before);
  }

  /** A link followed by a file below it, written as it comes, ends up outside. */
  @Test
  void aNaiveExportLeavesTheDirectoryAndIsSeen() throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    Map<String, String> before = at.outside();

    Files.createDirectories(at.target);
    Files.createSymbolicLink(at.target.resolve("a"), at.root.resolve("canary"));
    Files.writeString(at.target.resolve("a/evil"), "evil");

    assertThat(at.outside()).isNotEqualTo(before);
  }

  /** Programs that are looked up by name are those that leave the marker. */
  @Test
  void aProgramThatIsRunByNameIsSeen() throws Exception {
    HostileFixture at = new HostileFixture(temporary);

    Command.of(at.root.resolve("bin/ssh").toString()).read(100);

    assertThat(at.marker).exists();
  }

  private static String largeDelta(HostileFixture at, int size, int times) throws Exception {
    String base = RawGit.idOfZeros(size);
    String id = RawGit.idOfZeros((long) times * size);
    int pieces = size >> 20;
    long[][] copies = new long[times * pieces][];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = new long[] {size - (1L << 20) * (i % pieces + 1), 1 << 20};
    }
    at.git.writePack(
        List.of(
            new Packed(base, RawGit.BLOB, size, new byte[0], RawGit.zeros(new byte[0], size)),
            Packed.delta(id, base, RawGit.delta(size, (long) times * size, copies))));
    return id;
  }
}
