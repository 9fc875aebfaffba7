package dev.millrace.plugins.git;

import static dev.millrace.plugins.git.HostileCase.arguments;
import static dev.millrace.plugins.git.HostileCase.exported;
import static dev.millrace.plugins.git.HostileCase.refused;
import static dev.millrace.plugins.git.RawGit.Entry.file;

import dev.millrace.base.TemporaryDirectory;
import dev.millrace.plugins.git.HostileCase.Expected;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * Git directories that somebody else has made: what is read as configuration, refs, and indexes.
 * Goal and method as in {@link HostileRepositoriesIT}; those that are good are served, too.
 */
class HostileGitDirectoriesIT {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}")
  @MethodSource("directories")
  void doesNotDoWhatAGitDirectorySays(HostileCase hostile) throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    at.git.head(at.git.tree(file("f", at.git.blob("content"))));
    Expected expected = hostile.make(at);
    Map<String, String> before = at.outside();

    at.check(before, at.export(), expected);
    if (expected instanceof Expected.Files) {
      at.outside();
      TemporaryDirectory.deleteTree(at.target);
      at.check(before, at.fetch(at.url()), expected);
    }
  }

  static Stream<Arguments> directories() {
    Map<String, HostileCase> all = new LinkedHashMap<>();
    Expected content = exported("f", "content");
    for (String text :
        List.of(
            "[core]\n\tfsmonitor = COMMAND",
            "[core]\n\thooksPath = HOOKS",
            "[core]\n\tsshCommand = COMMAND",
            "[core]\n\tgitProxy = COMMAND",
            "[core]\n\teditor = COMMAND\n\tpager = COMMAND\n\taskPass = COMMAND",
            "[credential]\n\thelper = !COMMAND",
            "[uploadpack]\n\tpackObjectsHook = COMMAND",
            "[remote \"origin\"]\n\turl = ext::sh -c COMMAND\n\tuploadpack = COMMAND\n\tvcs = COMMAND\n\tpromisor = true\n[extensions]\n\tpartialClone = origin",
            "[url \"ext::sh -c COMMAND #\"]\n\tinsteadOf = file://\n\tinsteadOf = https://",
            "[diff]\n\texternal = COMMAND\n[gpg]\n\tprogram = COMMAND\n[alias]\n\tupload-pack = !COMMAND",
            "[gc]\n\tauto = 1\n\trecentObjectsHook = COMMAND\n[maintenance]\n\tauto = true")) {
      all.put(
          text.replace("\n", " ").replace("\t", ""),
          at -> {
            Path hooks = at.root.resolve("canary/hooks");
            for (String hook :
                List.of(
                    "post-checkout",
                    "post-merge",
                    "pre-auto-gc",
                    "reference-transaction",
                    "fsmonitor-watchman")) {
              at.program(hooks.resolve(hook));
              at.program(at.git.directory().resolve("hooks").resolve(hook));
            }
            at.git.config(
                text.replace("COMMAND", at.command()).replace("HOOKS", hooks.toString()) + "\n");
            return content;
          });
    }
    all.put(
        "include.path to /dev/zero",
        at -> {
          at.git.config("[include]\n\tpath = /dev/zero\n");
          return refused("/dev/zero", "must be a file");
        });
    all.put(
        "include.path to a pipe",
        at -> {
          at.fifo(at.root.resolve("canary/pipe"));
          at.git.config("[include]\n\tpath = %s\n".formatted(at.root.resolve("canary/pipe")));
          return refused("canary/pipe", "must be a file");
        });
    all.put(
        "include.path to itself",
        at -> {
          at.git.config("[include]\n\tpath = config\n\tpath = config\n");
          return refused("include each other");
        });
    all.put(
        "a config of 20 MB",
        at -> {
          at.git.config("# ".repeat(10_000_000));
          return refused("config", "at most 1024 KiB");
        });
    all.put(
        "a config that is none",
        at -> {
          at.git.config("[[[\"\u0000");
          return refused("config\" is not in git's format");
        });
    for (String name :
        List.of(
            "HEAD",
            "config",
            "packed-refs",
            "commondir",
            "shallow",
            "refs/heads/main",
            "objects/info/alternates",
            "objects/pack/pack-1.idx")) {
      all.put(
          "a pipe as " + name,
          at -> {
            at.fifo(at.git.directory().resolve(name));
            return refused(name.equals("HEAD") ? "" : name);
          });
    }
    all.put(
        "alternates outside",
        at -> {
          RawGit other = new RawGit(at.root.resolve("canary/git")).initBare();
          String blob = other.blob("borrowed");
          at.git.file("objects/info/alternates", other.directory().resolve("objects") + "\n");
          at.git.head(at.git.tree(file("f", blob)));
          return exported("f", "borrowed");
        });
    all.put(
        "alternates in a circle and to nowhere",
        at -> {
          at.git.file("objects/info/alternates", "../objects\n/proc\n/absent\n\u0001\n");
          return content;
        });
    all.put(
        "an index of a pack that lists 100 million objects",
        at -> {
          byte[] index = new byte[2000];
          java.nio.ByteBuffer.wrap(index).putInt(0, 0xff744f63).putInt(4, 2);
          for (int i = 0; i < 256; i++) {
            java.nio.ByteBuffer.wrap(index).putInt(8 + 4 * i, 100_000_000);
          }
          Files.write(at.git.directory().resolve("objects/pack/pack-1.idx"), index);
          Files.writeString(at.git.directory().resolve("objects/pack/pack-1.pack"), "PACK");
          return refused("pack-1.idx", "is not an index of a pack");
        });
    all.put(
        "a head outside",
        at -> {
          Files.writeString(at.root.resolve("canary/ref"), "1".repeat(40) + "\n");
          at.git.file("HEAD", "ref: refs/heads/../../../../canary/ref\n");
          return refused("HEAD");
        });
    all.put(
        "heads that name each other",
        at -> {
          at.git.file("HEAD", "ref: refs/heads/main\n");
          at.git.file("refs/heads/main", "ref: refs/heads/main\n");
          return refused("HEAD");
        });
    all.put(
        "a head that names a file",
        at -> {
          String blob = at.git.blob("1");
          at.git.branch(blob);
          return refused(blob);
        });
    all.put(
        "a work tree elsewhere",
        at -> {
          at.git.config("[core]\n\tworktree = %s\n".formatted(at.root.resolve("canary")));
          return content;
        });
    all.put(
        "a work tree that is a pipe",
        at -> {
          at.fifo(at.root.resolve("canary/pipe"));
          at.git.config("[core]\n\tworktree = %s\n".formatted(at.root.resolve("canary/pipe")));
          return content;
        });
    all.put(
        "a common directory elsewhere",
        at -> {
          HostileSubmodulesIT.other(at.root.resolve("canary/git"));
          at.git.file("commondir", "../../canary/git\n");
          return exported("inner", "inner");
        });
    all.put(
        "a format that is not known",
        at -> {
          at.git.file(
              "config",
              "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n");
          return refused("sha256");
        });
    return arguments(all);
  }

  @Test
  void refusesAGitFileThatIsNone() throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    Path other = Files.createDirectories(at.root.resolve("other"));
    Files.createSymbolicLink(other.resolve(".git"), Path.of("/dev/zero"));
    Map<String, String> before = at.outside();

    at.check(
        before,
        at.child("export", other.toString(), at.target.toString()),
        refused("other/.git", "must be a file"));
  }
}
