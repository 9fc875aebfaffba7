package dev.millrace.builder;

import dev.millrace.sexp.Sexp;
import dev.millrace.sexp.SexpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The environment that a base asks for, in the side file {@code env}, as OBuilder writes it. */
final class BaseEnvironment {
  private static final String FILE = "env";

  private BaseEnvironment() {}

  static void write(List<Sandbox.Variable> environment, Path side) throws IOException {
    List<Sexp> variables =
        environment.stream()
            .map(v -> Sexp.list(Sexp.atom(v.name()), Sexp.atom(v.value())))
            .toList();
    Sexp all = Sexp.list(Sexp.list(Sexp.atom("env"), Sexp.list(variables)));
    Files.writeString(side.resolve(FILE), all.renderSpaced(0) + "\n");
  }

  static List<Sandbox.Variable> read(Path side) throws IOException {
    Path file = side.resolve(FILE);
    try {
      if (Sexp.parse(Files.readString(file)) instanceof Sexp.Group(List<Sexp> fields, _)
          && fields.size() == 1
          && fields.getFirst() instanceof Sexp.Group(List<Sexp> env, _)
          && env.size() == 2
          && env.get(1) instanceof Sexp.Group(List<Sexp> variables, _)) {
        return variables.stream().map(v -> variable(file, v)).toList();
      }
    } catch (SexpException e) {
      throw unreadable(file, e);
    }
    throw unreadable(file, null);
  }

  private static Sandbox.Variable variable(Path file, Sexp sexp) {
    if (sexp instanceof Sexp.Group(List<Sexp> pair, _)
        && pair.size() == 2
        && pair.get(0) instanceof Sexp.Atom(String name, _)
        && pair.get(1) instanceof Sexp.Atom(String value, _)) {
      return new Sandbox.Variable(name, value);
    }
    throw unreadable(file, null);
  }

  private static BuilderException unreadable(Path file, @Nullable Throwable cause) {
    return new BuilderException(
        "Cannot read the environment of a base from \"%s\": delete the base and import it again"
            .formatted(file),
        cause);
  }
}
