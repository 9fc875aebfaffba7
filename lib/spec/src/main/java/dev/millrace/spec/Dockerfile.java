package dev.millrace.spec;

import dev.millrace.sexp.Location;
import java.util.ArrayList;
import java.util.List;

/** Writes a build spec as a Dockerfile, for people who want to follow it by hand. */
public final class Dockerfile {
  /** Which Docker will read it. */
  public enum Dialect {
    /** Any; caches and secrets are left out. */
    PLAIN,
    /** One with BuildKit: caches and secrets are mounted. */
    BUILDKIT
  }

  /** How lines are continued and quotes are escaped. */
  public enum Escape {
    /** With a backslash. */
    UNIX("\\"),
    /** With a backtick. */
    WINDOWS("`");

    private final String character;

    Escape(String character) {
      this.character = character;
    }
  }

  private final Dialect dialect;
  private final Escape escape;
  private final StringBuilder out = new StringBuilder();

  private Dockerfile(Dialect dialect, Escape escape) {
    this.dialect = dialect;
    this.escape = escape;
  }

  /**
   * The Dockerfile of a spec; its last line ends in a newline.
   *
   * @throws SpecException if a step of a Windows user has a cache or a secret, which BuildKit
   *     cannot mount
   */
  public static String render(Spec spec, Dialect dialect, Escape escape) {
    Dockerfile file = new Dockerfile(dialect, escape);
    if (escape == Escape.WINDOWS) {
      file.line("#escape=`");
    }
    file.stage(spec, "");
    return file.out.toString();
  }

  private void stage(Spec spec, String name) {
    for (Spec.Child child : spec.children()) {
      stage(child.spec(), " as " + child.name());
      line("");
    }
    line("FROM " + spec.from() + name);
    Account user =
        escape == Escape.WINDOWS ? new Account.Named("ContainerAdministrator") : Account.ROOT;
    for (Op op : spec.ops()) {
      line(op(op, user));
      user = op instanceof Op.User(Account next) ? next : user;
    }
  }

  private String op(Op op, Account user) {
    return switch (op) {
      case Op.Comment(String text) -> "# " + text;
      case Op.Workdir(String directory) -> "WORKDIR " + directory;
      case Op.Shell(List<String> argv) ->
          "SHELL [ %s ]"
              .formatted(String.join(", ", argv.stream().map(a -> '"' + a + '"').toList()));
      case Op.Env(String name, String value) -> "ENV %s=\"%s\"".formatted(name, escaped(value));
      case Op.User(Account.Unix(int uid, int gid)) -> "USER %d:%d".formatted(uid, gid);
      case Op.User(Account.Named(String name)) -> "USER " + name;
      case Op.Run run -> "RUN " + mounts(run, user) + command(run.shell());
      case Op.Copy copy -> copy(copy, user);
    };
  }

  private String escaped(String value) {
    return value
        .replace(escape.character, escape.character + escape.character)
        .replace("\"", escape.character + "\"");
  }

  private String command(String shell) {
    List<String> lines = new ArrayList<>();
    for (String line : shell.split("\n", -1)) {
      lines.add(trim(line));
    }
    return String.join(" " + escape.character + "\n    ", lines);
  }

  /** Without the white space of ASCII at both ends. */
  private static String trim(String line) {
    return line.replaceAll("\\A[ \t\r\f\n]+|[ \t\r\f\n]+\\z", "");
  }

  private String mounts(Op.Run run, Account user) {
    if (dialect == Dialect.PLAIN) {
      return "";
    }
    StringBuilder mounts = new StringBuilder();
    run.secrets().forEach(secret -> mounts.append(mount("secret", secret, user)));
    run.caches().forEach(cache -> mounts.append(mount("cache", cache, user)));
    return mounts.toString();
  }

  private String mount(String type, Mounted mounted, Account user) {
    if (!(user instanceof Account.Unix(int uid, _))) {
      throw new SpecException(
          List.of(
              new SpecException.Problem(
                  Location.NONE,
                  "Cannot mount %s \"%s\": BuildKit needs a user with a number, add (user (uid N) (gid N)) before the step"
                      .formatted(type, mounted.id()))));
    }
    StringBuilder options = new StringBuilder();
    for (Mounted.Option option : mounted.buildkitOptions()) {
      options.append(',').append(option.key()).append('=').append(option.value());
    }
    return "--mount=type=%s,id=%s,target=%s,uid=%d%s "
        .formatted(type, mounted.id(), mounted.target(), uid, options);
  }

  private String copy(Op.Copy copy, Account user) {
    String owner =
        user instanceof Account.Unix(int uid, int gid) && !user.equals(Account.ROOT)
            ? "--chown=%d:%d ".formatted(uid, gid)
            : "";
    String source = copy.source().map(name -> "--from=" + name + " ").orElse("");
    return "COPY %s%s%s %s".formatted(owner, source, String.join(" ", copy.src()), copy.dst());
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
