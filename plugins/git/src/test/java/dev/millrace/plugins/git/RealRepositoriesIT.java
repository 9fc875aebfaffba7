package dev.millrace.plugins.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.base.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shapes of repositories that git makes, and the one line for each that cannot be used. */
class RealRepositoriesIT {
  @TempDir Path temporary;
  private Path project;

  @BeforeEach
  void makeProject() throws Exception {
    project = Files.createDirectories(temporary.resolve("p"));
    git("init", "-q", "-b", "main");
    write("src/a.ml", "let () = ()\n");
    git("add", ".");
    git("commit", "-qm", "One");
    write("src/a.ml", "let () = print_newline ()\n");
    git("commit", "-qam", "Two");
  }

  private void write(String name, String text) throws Exception {
    Files.createDirectories(project.resolve(name).getParent());
    Files.writeString(project.resolve(name), text);
  }

  private void git(String... arguments) throws Exception {
    git(project, arguments);
  }

  private static void git(Path directory, String... arguments) throws Exception {
    List<String> argv =
        new ArrayList<>(
            List.of(
                "git",
                "-C",
                directory.toString(),
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
                "-c",
                "protocol.file.allow=always"));
    argv.addAll(List.of(arguments));
    Command.of(argv).read(100_000);
  }

  private Path export(Path from) throws Exception {
    Path target = Files.createTempDirectory(temporary, "out");
    try (GitRepository repository = GitRepository.open(from)) {
      repository.export(repository.head(), target);
    }
    return target;
  }

  private static void refuses(Path directory, String... parts) {
    assertThatThrownBy(
            () -> {
              try (GitRepository repository = GitRepository.open(directory)) {
                repository.head();
              }
            })
        .isInstanceOfSatisfying(
            GitException.class,
            e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  @Test
  void readsShallowLinkedBareAndDetachedOnes() throws Exception {
    git(temporary, "clone", "-q", "--depth=1", project.toUri().toString(), "shallow");
    git("worktree", "add", "-q", "-b", "side", temporary.resolve("linked").toString());
    git(temporary, "clone", "-q", "--bare", "p", "bare.git");
    git("checkout", "-q", "--detach");

    for (String name : List.of("shallow", "linked", "bare.git", "p")) {
      assertThat(export(temporary.resolve(name)).resolve("src/a.ml"))
          .as(name)
          .hasContent("let () = print_newline ()\n");
    }
    try (GitRepository linked = GitRepository.open(temporary.resolve("linked"));
        GitRepository detached = GitRepository.open(project)) {
      assertThat(linked.head().ref()).isEqualTo("refs/heads/side");
      assertThat(detached.head().ref()).isEqualTo("HEAD");
    }
    assertThat(export(project.resolve("src")).resolve("a.ml")).exists();
    assertThat(export(temporary.resolve("linked/src")).resolve("a.ml")).exists();
  }

  @Test
  void readsPackedRefsAndTags() throws Exception {
    git("tag", "-a", "-m", "v1", "v1", "HEAD~1");
    git("gc", "-q");

    try (GitRepository repository = GitRepository.open(project)) {
      assertThat(project.resolve(".git/refs/heads/main")).doesNotExist();
      assertThat(repository.head().title()).isEqualTo("Two");
      assertThat(repository.commit("refs/tags/v1").title()).isEqualTo("One");
      assertThatThrownBy(() -> repository.commit("refs/heads/absent"))
          .isInstanceOf(GitException.class)
          .hasMessageContaining("There is no \"refs/heads/absent\"");
    }
  }

  @Test
  void takesSubmodulesOfAllKinds() throws Exception {
    Path inner = Files.createDirectories(temporary.resolve("inner"));
    git(inner, "init", "-q", "-b", "main");
    git(inner, "commit", "-q", "--allow-empty", "-m", "inner");
    Path outer = Files.createDirectories(temporary.resolve("outer"));
    git(outer, "init", "-q", "-b", "main");
    Files.writeString(outer.resolve("o"), "o");
    git(outer, "add", "o");
    git(outer, "submodule", "add", "-q", inner.toString(), "nested");
    git(outer, "commit", "-qm", "outer");
    Files.createDirectories(project.resolve("sub"));
    git("submodule", "add", "-q", "--name", "other/name", outer.toString(), "sub/o");
    git("submodule", "update", "-q", "--init", "--recursive");
    git("commit", "-qm", "With");
    git("worktree", "add", "-q", "-b", "side", temporary.resolve("linked").toString());
    Path linked = temporary.resolve("linked");
    refuses(linked.resolve("absent"), "there is no such directory");

    assertThat(export(project).resolve("sub/o/o")).hasContent("o");
    assertThat(export(project).resolve("sub/o/nested")).isDirectory();
    assertThat(export(project.resolve("sub")).resolve("o/o")).hasContent("o");
    assertThat(export(project.resolve("sub/o")).resolve("o")).hasContent("o");
    assertThat(export(linked).resolve("sub/o/o")).hasContent("o");
    git(linked, "submodule", "update", "-q", "--init", "--recursive");
    assertThat(export(linked).resolve("sub/o/o")).hasContent("o");
  }

  @Test
  void saysInOneLineWhyOneCannotBeUsed() throws Exception {
    Path plain = Files.createDirectories(temporary.resolve("plain"));
    refuses(plain, "it is not in a git repository");

    Path empty = Files.createDirectories(temporary.resolve("empty"));
    git(empty, "init", "-q");
    refuses(empty, "has no commits yet");
    git(temporary, "init", "-q", "--bare", "empty.git");
    refuses(temporary.resolve("empty.git"), "has no commits yet");

    Files.createDirectories(project.resolve("new"));
    refuses(project.resolve("new"), "is not part of commit", "commit it first");

    Path broken = temporary.resolve("broken");
    git(temporary, "clone", "-q", "p", "broken");
    Files.writeString(broken.resolve(".git/config"), "[core\n");
    refuses(broken, "config\" is not in git's format");

    git("worktree", "add", "-q", "-b", "side", temporary.resolve("linked").toString());
    Files.move(project, temporary.resolve("moved"));
    refuses(temporary.resolve("linked"), "its git directory", "is gone", "git worktree repair");
    project = temporary.resolve("moved");
    git("config", "uploadpack.allowFilter", "true");

    git(
        temporary,
        "clone",
        "-q",
        "--filter=blob:none",
        "--no-checkout",
        project.toUri().toString(),
        "partial");
    assertThatThrownBy(() -> export(temporary.resolve("partial")))
        .isInstanceOf(GitException.class)
        .hasMessageContaining("src/a.ml")
        .hasMessageContaining("shallow or partial clone");
  }

  /** What this user may not read; root may read everything, so there it is said of nothing. */
  @Test
  void saysWhatItMayNotRead() throws Exception {
    Path config = project.resolve(".git/config");
    Files.setPosixFilePermissions(config, java.util.Set.of());
    org.junit.jupiter.api.Assumptions.assumeFalse(
        Files.isReadable(config), "this user may read everything");

    refuses(project, "config\" cannot be read by this user");
  }
}
