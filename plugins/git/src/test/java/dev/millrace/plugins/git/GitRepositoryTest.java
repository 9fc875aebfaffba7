package dev.millrace.plugins.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitRepositoryTest {
  @TempDir Path temporary;

  private Git project() throws Exception {
    return Git.init().setInitialBranch("main").setDirectory(temporary.resolve("p").toFile()).call();
  }

  private static void commit(Git git, String message) throws Exception {
    git.add().addFilepattern(".").call();
    git.commit().setMessage(message).setAuthor("a", "a@b").setSign(false).call();
  }

  @Test
  void exportsFilesLinksAndModesOfTheHead() throws Exception {
    try (Git git = project()) {
      Path root = git.getRepository().getWorkTree().toPath();
      Files.createDirectories(root.resolve("src"));
      Files.writeString(root.resolve("src/a.ml"), "let () = ()\r\n");
      Files.writeString(root.resolve("run.sh"), "#!/bin/sh\n");
      assertThat(root.resolve("run.sh").toFile().setExecutable(true)).isTrue();
      Files.createSymbolicLink(root.resolve("link"), Path.of("src/a.ml"));
      commit(git, "First\n\nbody");

      try (GitRepository repository = GitRepository.open(root)) {
        Commit head = repository.head();
        Path out = temporary.resolve("out");
        repository.export(head, out);

        assertThat(head.title()).isEqualTo("First");
        assertThat(head.ref()).isEqualTo("refs/heads/main");
        assertThat(out.resolve("src/a.ml")).hasContent("let () = ()\r\n");
        assertThat(Files.isExecutable(out.resolve("run.sh"))).isTrue();
        assertThat(Files.isExecutable(out.resolve("src/a.ml"))).isFalse();
        assertThat(Files.readSymbolicLink(out.resolve("link"))).isEqualTo(Path.of("src/a.ml"));
      }
    }
  }

  @Test
  void aDirectoryOfAWorkTreeIsAProjectOfItsOwn() throws Exception {
    try (Git git = project()) {
      Path root = git.getRepository().getWorkTree().toPath();
      Files.createDirectories(root.resolve("examples/hello"));
      Files.writeString(root.resolve("examples/hello/hello.opam"), "opam-version: \"2.0\"\n");
      Files.writeString(root.resolve("other"), "1");
      commit(git, "One");

      try (GitRepository repository = GitRepository.open(root.resolve("examples/hello"))) {
        Commit first = repository.head();
        Files.writeString(root.resolve("other"), "2");
        commit(git, "Two");
        Commit second = repository.head();
        repository.export(second, temporary.resolve("out"));

        assertThat(second.directory()).isEqualTo("examples/hello");
        assertThat(second.hash()).isNotEqualTo(first.hash());
        assertThat(second.tree()).isEqualTo(first.tree());
        try (var files = Files.list(temporary.resolve("out"))) {
          assertThat(files.map(p -> p.getFileName().toString())).containsExactly("hello.opam");
        }
      }
    }
  }

  @Test
  void saysWhatIsWrongWithADirectory() throws Exception {
    assertThatThrownBy(() -> GitRepository.open(temporary.resolve("absent")))
        .isInstanceOf(GitException.class)
        .hasMessageContaining("there is no such directory");
    Files.createDirectories(temporary.resolve("plain"));
    assertThatThrownBy(() -> GitRepository.open(temporary.resolve("plain")))
        .isInstanceOf(GitException.class)
        .hasMessageContaining("it is not in a git repository");
    Files.writeString(temporary.resolve("file"), "");
    assertThatThrownBy(() -> GitRepository.open(temporary.resolve("file")))
        .hasMessageContaining("it is not a directory");
    try (Git git = project();
        GitRepository repository = GitRepository.open(git.getRepository().getWorkTree().toPath())) {
      assertThatThrownBy(repository::head).hasMessageContaining("has no commits yet");
    }
  }

  /** A tree whose entries are given as raw bytes, as a hostile server could send it. */
  private static ObjectId tree(ObjectInserter inserter, Object... entries) throws Exception {
    var out = new java.io.ByteArrayOutputStream();
    for (int i = 0; i < entries.length; i += 3) {
      out.write((entries[i] + " " + entries[i + 1] + "\0").getBytes(UTF_8));
      byte[] id = new byte[20];
      ((ObjectId) entries[i + 2]).copyRawTo(id, 0);
      out.write(id);
    }
    return inserter.insert(Constants.OBJ_TREE, out.toByteArray());
  }

  private interface Hostile {
    ObjectId root(ObjectInserter inserter, ObjectId blob) throws Exception;
  }

  private void refuses(Hostile hostile, String message) throws Exception {
    try (Git git = project()) {
      Repository repository = git.getRepository();
      try (ObjectInserter inserter = repository.newObjectInserter()) {
        CommitBuilder commit = new CommitBuilder();
        ObjectId blob = inserter.insert(Constants.OBJ_BLOB, "evil".getBytes(UTF_8));
        commit.setTreeId(hostile.root(inserter, blob));
        commit.setAuthor(new PersonIdent("a", "a@b"));
        commit.setCommitter(new PersonIdent("a", "a@b"));
        commit.setMessage("evil");
        ObjectId id = inserter.insert(commit);
        inserter.flush();
        RefUpdate update = repository.updateRef("refs/heads/main");
        update.setNewObjectId(id);
        update.forceUpdate();
      }
      try (GitRepository opened = GitRepository.open(repository.getWorkTree().toPath())) {
        Path out = temporary.resolve("deep/out");
        assertThatThrownBy(() -> opened.export(opened.head(), out))
            .isInstanceOf(GitException.class)
            .hasMessageContaining(message);
      }
      assertThat(temporary.resolve("deep/evil")).doesNotExist();
      assertThat(temporary.resolve("evil")).doesNotExist();
      assertThat(temporary.resolve("canary/evil")).doesNotExist();
    }
  }

  @Test
  void refusesNamesThatLeadOutside() throws Exception {
    refuses((in, blob) -> tree(in, "100644", "..", blob), "which git does not allow");
    refuses((in, blob) -> tree(in, "100644", "../evil", blob), "which git does not allow");
  }

  @Test
  void refusesGitDirectoriesInDisguise() throws Exception {
    for (String name : List.of(".git", ".GIT", ".Git ", "git~1", ".g\u200cit")) {
      refuses(
          (in, blob) -> tree(in, "40000", name, tree(in, "100644", "hooks", blob)),
          "which git does not allow");
    }
  }

  @Test
  void neverWritesThroughALink() throws Exception {
    Files.createDirectories(temporary.resolve("canary"));
    refuses(
        (in, blob) -> {
          ObjectId link =
              in.insert(Constants.OBJ_BLOB, temporary.resolve("canary").toString().getBytes(UTF_8));
          return tree(in, "120000", "a", link, "40000", "a", tree(in, "100644", "evil", blob));
        },
        "two entries");
  }

  @Test
  void boundsTheDepth() throws Exception {
    refuses(
        (in, blob) -> {
          ObjectId tree = tree(in, "100644", "x", blob);
          for (int i = 0; i < GitLimits.DEFAULT.depthMax() + 1; i++) {
            tree = tree(in, FileMode.TREE.toString(), "d", tree);
          }
          return tree;
        },
        "deeper than");
  }

  @Test
  void clonesFollowABranchAndFindACommit() throws Exception {
    try (Git git = project()) {
      Path root = git.getRepository().getWorkTree().toPath();
      Files.writeString(root.resolve("a"), "1");
      commit(git, "One");
      GitClones clones = new GitClones(temporary.resolve("clones"));
      String url = root.toUri().toString();

      Commit one = clones.fetchBranch(url, "HEAD");
      Files.writeString(root.resolve("a"), "2");
      commit(git, "Two");
      Commit two = clones.fetchBranch(url, "main");

      assertThat(one.title()).isEqualTo("One");
      assertThat(two.title()).isEqualTo("Two");
      assertThat(clones.fetchCommit(url, one.hash()).tree()).isEqualTo(one.tree());
      try (GitRepository copy = GitClones.open(two)) {
        copy.export(two, temporary.resolve("out"));
      }
      assertThat(temporary.resolve("out/a")).hasContent("2");
      assertThatThrownBy(() -> clones.fetchCommit(url, new CommitHash("0".repeat(40))))
          .isInstanceOf(GitException.class)
          .hasMessageContaining("has no commit");
    }
  }

  private static void setBranch(Git git, String name, String revision) throws Exception {
    RefUpdate update = git.getRepository().updateRef("refs/heads/" + name);
    update.setNewObjectId(git.getRepository().resolve(revision));
    assertThat(update.forceUpdate()).isIn(RefUpdate.Result.NEW, RefUpdate.Result.FORCED);
  }

  /** Names that a program would take for options or for files of options (R8). */
  @Test
  void aBranchCalledLikeAnOptionIsABranch() throws Exception {
    try (Git git = project()) {
      Path root = git.getRepository().getWorkTree().toPath();
      Files.writeString(root.resolve("a"), "1");
      commit(git, "One");
      String url = root.toUri().toString();
      GitClones clones = new GitClones(temporary.resolve("clones"));
      for (String word :
          List.of("x", "-upload-pack=x", "-exec=x", "-output=x", "c", "/etc/passwd")) {
        for (String name : List.of("-" + word, "@" + word)) {
          setBranch(git, name, "HEAD");

          assertThat(clones.fetchBranch(url, name).title()).isEqualTo("One");
          assertThatThrownBy(() -> clones.fetchBranch(url, name + ".gone"))
              .isInstanceOf(GitException.class);
        }
      }
    }
  }

  @Test
  void aBranchMayFollowOneThatStoodInItsPlace() throws Exception {
    try (Git git = project()) {
      Path root = git.getRepository().getWorkTree().toPath();
      Files.writeString(root.resolve("a"), "1");
      commit(git, "One");
      String url = root.toUri().toString();
      GitClones clones = new GitClones(temporary.resolve("clones"));
      for (String first : List.of("default", "branches", "feature")) {
        setBranch(git, first, "HEAD");
        Commit one = clones.fetchBranch(url, first);
        var _ = git.branchDelete().setBranchNames(first).setForce(true).call();
        setBranch(git, first + "/x", "HEAD");

        assertThat(clones.fetchBranch(url, first + "/x").hash()).isEqualTo(one.hash());
        assertThat(clones.fetchBranch(url, "HEAD").hash()).isEqualTo(one.hash());
      }
    }
  }

  @Test
  void refusesAddressesThatRunCommands() {
    GitClones clones = new GitClones(temporary.resolve("clones"));
    for (String url : List.of("ext::sh -c id", "--upload-pack=id", "fd::3")) {
      assertThatThrownBy(() -> clones.fetchBranch(url, "HEAD")).isInstanceOf(GitException.class);
    }
  }
}
