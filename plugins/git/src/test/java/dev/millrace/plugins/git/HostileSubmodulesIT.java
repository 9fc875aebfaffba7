package dev.millrace.plugins.git;

import static dev.millrace.plugins.git.HostileCase.arguments;
import static dev.millrace.plugins.git.HostileCase.exported;
import static dev.millrace.plugins.git.HostileCase.refused;
import static dev.millrace.plugins.git.RawGit.Entry.directory;
import static dev.millrace.plugins.git.RawGit.Entry.file;
import static dev.millrace.plugins.git.RawGit.Entry.link;
import static dev.millrace.plugins.git.RawGit.Entry.module;

import dev.millrace.plugins.git.HostileCase.Expected;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a commit says of submodules. Goal and method as in {@link HostileRepositoriesIT}. */
class HostileSubmodulesIT {
  @TempDir Path temporary;

  @ParameterizedTest(name = "{0}")
  @MethodSource("modules")
  void takesSubmodulesFromNowhereButTheRepository(HostileCase hostile) throws Exception {
    HostileFixture at = new HostileFixture(temporary);
    Expected expected = hostile.make(at);
    Map<String, String> before = at.outside();

    at.check(before, at.export(), expected);
  }

  /** A repository beside the project, with one file. */
  static String other(Path directory) throws Exception {
    RawGit other = new RawGit(directory).initBare();
    return other.head(other.tree(file("inner", other.blob("inner"))));
  }

  private static void withModule(HostileFixture at, String gitmodules, String path, String commit)
      throws Exception {
    at.git.head(at.git.tree(file(".gitmodules", at.git.blob(gitmodules)), module(path, commit)));
  }

  static Stream<Arguments> modules() {
    Map<String, HostileCase> all = new LinkedHashMap<>();
    all.put(
        "a good one",
        at -> {
          String commit = other(at.git.directory().resolve("modules/x"));
          String text = "[submodule \"x\"]\n\tpath = sub\n\turl = https://example.invalid/\n";
          withModule(at, text, "sub", commit);
          return exported(".gitmodules", text, "sub/inner", "inner");
        });
    for (String url :
        List.of(
            "--upload-pack=/usr/bin/touch MARKER",
            "-u/usr/bin/touch MARKER",
            "ext::sh -c /usr/bin/touch% MARKER",
            "file:///etc",
            "ssh://-oProxyCommand=touch/x",
            "../../canary")) {
      all.put(
          "one at " + url,
          at -> {
            withModule(
                at,
                "[submodule \"x\"]\n\tpath = sub\n\turl = %s\n\tupdate = !%s\n"
                    .formatted(url.replace("MARKER", at.marker.toString()), at.command()),
                "sub",
                "1".repeat(40));
            return refused("The submodule \"sub\" is not at hand");
          });
    }
    for (String name :
        List.of("../../../canary/git", "/../../canary/git", "..\\\\..\\\\canary", "")) {
      all.put(
          "one called \"%s\"".formatted(name),
          at -> {
            String commit = other(at.root.resolve("canary/git"));
            withModule(at, "[submodule \"%s\"]\n\tpath = sub\n".formatted(name), "sub", commit);
            return refused("The submodule \"sub\" is not at hand");
          });
    }
    all.put(
        "one that is a link to the outside",
        at -> {
          String commit = other(at.root.resolve("canary/git"));
          Files.createDirectories(at.git.directory().resolve("modules"));
          Files.createSymbolicLink(
              at.git.directory().resolve("modules/x"), at.root.resolve("canary/git"));
          withModule(at, "[submodule \"x\"]\n\tpath = sub\n", "sub", commit);
          return refused("The submodule \"sub\" is not at hand");
        });
    all.put(
        "one whose path ends in a carriage return",
        at -> {
          String commit = other(at.git.directory().resolve("modules/x"));
          String text = "[submodule \"x\"]\n\tpath = \"sub\r\"\n";
          withModule(at, text, "sub\r", commit);
          return exported(".gitmodules", text, "sub\r/inner", "inner");
        });
    all.put(
        "one at .git/hooks",
        at -> {
          at.git.head(at.git.tree(directory(".git", at.git.tree(module("hooks", "1".repeat(40))))));
          return refused("git does not allow");
        });
    all.put(
        "one where a link stands",
        at -> {
          String commit = other(at.git.directory().resolve("modules/x"));
          at.git.head(
              at.git.tree(
                  file(".gitmodules", at.git.blob("[submodule \"x\"]\n\tpath = sub\n")),
                  link("sub", at.git.blob("../../canary")),
                  module("sub", commit)));
          return refused("two entries for \"sub\"");
        });
    all.put(
        ".gitmodules that is a link",
        at -> {
          Files.writeString(at.root.resolve("canary/modules"), "[submodule \"x\"]\n\tpath = sub\n");
          String commit = other(at.git.directory().resolve("modules/x"));
          at.git.head(
              at.git.tree(
                  link(".gitmodules", at.git.blob("../../canary/modules")), module("sub", commit)));
          return refused("The submodule \"sub\" is not at hand");
        });
    all.put(
        ".gitmodules that includes files",
        at -> {
          withModule(
              at,
              "[include]\n\tpath = /dev/zero\n[submodule \"x\"]\n\tpath = y\n",
              "sub",
              "1".repeat(40));
          return refused("The submodule \"sub\" is not at hand");
        });
    all.put(
        ".gitmodules of 30 MB",
        at -> {
          withModule(at, "[a]\n".repeat(7_500_000), "sub", "1".repeat(40));
          return refused(".gitmodules must have at most");
        });
    all.put(
        ".gitmodules that is no configuration",
        at -> {
          withModule(at, "[submodule \"x\npath = ]]]]", "sub", "1".repeat(40));
          return refused(".gitmodules cannot be read");
        });
    all.put(
        "a commit of one that is a file of it",
        at -> {
          RawGit inner = new RawGit(at.git.directory().resolve("modules/x")).initBare();
          String blob = inner.blob("1");
          withModule(at, "[submodule \"x\"]\n\tpath = sub\n", "sub", blob);
          return refused("\"sub\"", blob);
        });
    all.put(
        "three in each of three in each, twelve deep",
        at -> {
          Path directory = at.git.directory();
          RawGit shared = new RawGit(directory.resolve("shared")).initBare();
          String modules =
              shared.blob(
                  "[submodule \"x\"]\n\tpath = a\n[submodule \"x\"]\n\tpath = b\n[submodule \"y\"]\n\tpath = b\n[submodule \"z\"]\n\tpath = c\n");
          String commit = shared.commit(shared.tree(file("f", shared.blob("1"))));
          for (int i = 0; i < 12; i++) {
            commit =
                shared.commit(
                    shared.tree(
                        file(".gitmodules", modules),
                        module("a", commit),
                        module("b", commit),
                        module("c", commit)));
          }
          RawGit at0 = at.git;
          at0.file("objects/info/alternates", shared.directory().resolve("objects") + "\n");
          at0.branch(commit);
          nest(shared.directory().resolve("objects"), directory, 6);
          return refused("submodule");
        });
    return arguments(all);
  }

  private static void nest(Path objects, Path gitDirectory, int levels) throws Exception {
    if (levels == 0) {
      return;
    }
    for (String name : List.of("x", "y", "z")) {
      RawGit inner = new RawGit(gitDirectory.resolve("modules").resolve(name)).initBare();
      inner.file("objects/info/alternates", objects + "\n");
      nest(objects, inner.directory(), levels - 1);
    }
  }
}
