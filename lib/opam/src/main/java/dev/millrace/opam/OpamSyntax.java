package dev.millrace.opam;

import dev.millrace.opam.Item.Field;
import dev.millrace.opam.Item.Section;
import dev.millrace.opam.Token.Kind;
import dev.millrace.opam.Value.Logop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the syntax that all of opam's files share, without knowing any field.
 *
 * <p>Operators bind, from loosest to tightest: {@code |}, {@code &}, prefix {@code !} and {@code
 * ?}, {@code { }} and comparisons; both logical operators associate to the left. Trees deeper than
 * {@value #DEPTH_MAX} and files larger than {@value #SIZE_MAX} bytes are refused.
 */
public final class OpamSyntax {
  /** The largest file that is read, in bytes. */
  public static final int SIZE_MAX = 4 * 1024 * 1024;

  /** The deepest tree that is built; a chain of operators is as deep as it is long. */
  static final int DEPTH_MAX = 500;

  /** The newest version of the format that this parser knows. */
  private static final PackageVersion NEWEST = new PackageVersion("2.2");

  private static final PackageVersion STRICT_SINCE = new PackageVersion("2.1");
  private static final Pattern HEADER_VERSION = Pattern.compile("[0-9]+(\\.[0-9]+)?");

  private final String fileName;
  private final Lexer lexer;
  private Token token;
  private int depth;

  private OpamSyntax(byte[] bytes, String fileName) {
    this.fileName = fileName;
    this.lexer = new Lexer(bytes, fileName);
    this.token = lexer.next();
  }

  /**
   * Returns the items of a file.
   *
   * <p>If the first item says that the file is of a version newer than known here and the rest
   * cannot be parsed, the items read so far are returned, followed by an empty section {@code #}.
   *
   * @throws OpamParseException if the bytes are not in opam's syntax
   */
  public static List<Item> parse(byte[] bytes, String fileName) {
    if (bytes.length > SIZE_MAX) {
      throw new OpamParseException(
          fileName,
          1,
          1,
          "expected a file of at most %d bytes but found %d".formatted(SIZE_MAX, bytes.length));
    }
    return new OpamSyntax(bytes, fileName).file();
  }

  private List<Item> file() {
    var items = new ArrayList<Item>();
    boolean newer = false;
    try {
      while (token.kind() != Kind.EOF) {
        Item item = item();
        checkHeader(items, item);
        items.add(item);
        newer |= items.size() == 1 && headerVersion(item).filter(OpamSyntax::isNewer).isPresent();
      }
    } catch (OpamParseException e) {
      if (!newer) {
        throw e;
      }
      items.add(new Section("#", Optional.empty(), List.of(), token.at()));
    }
    return List.copyOf(items);
  }

  private static boolean isNewer(PackageVersion version) {
    return version.compareTo(NEWEST) > 0;
  }

  private void checkHeader(List<Item> before, Item item) {
    if (before.isEmpty() || !isHeader(item)) {
      return;
    }
    boolean strictFirst =
        headerVersion(before.getFirst()).filter(v -> v.compareTo(STRICT_SINCE) >= 0).isPresent();
    if (strictFirst) {
      throw error(item.at(), "expected a single opam-version field but found another one");
    }
    if (headerVersion(item).filter(v -> v.compareTo(STRICT_SINCE) >= 0).isPresent()) {
      throw error(
          item.at(), "expected opam-version to be the first field, as 2.1 and later require");
    }
  }

  private static boolean isHeader(Item item) {
    return item instanceof Field field && field.name().equals("opam-version");
  }

  /** The version that a header names; what is no number is old. */
  private static Optional<PackageVersion> headerVersion(Item item) {
    return isHeader(item) && ((Field) item).value() instanceof Value.Str text
        ? Optional.of(OpamFileReader.withoutPatch(text.value()))
            .filter(version -> HEADER_VERSION.matcher(version).matches())
            .map(PackageVersion::new)
        : Optional.empty();
  }

  private Item item() {
    Token name = expect(Kind.IDENT, "a field or section name");
    return switch (token.kind()) {
      case COLON -> {
        advance();
        Value value = value();
        yield new Field(name.text(), value, name.at().to(value.at()));
      }
      case LBRACE -> section(name, Optional.empty());
      case STRING -> {
        Token title = advance();
        yield section(name, Optional.of(title.text()));
      }
      default ->
          throw unexpected("\":\" or \"{\" after \"" + Token.abbreviated(name.text()) + "\"");
    };
  }

  private Section section(Token name, Optional<String> title) {
    expect(Kind.LBRACE, "\"{\"");
    enter();
    var items = new ArrayList<Item>();
    while (token.kind() != Kind.RBRACE) {
      items.add(item());
    }
    depth--;
    Token end = advance();
    return new Section(name.text(), title, items, name.at().to(end.at()));
  }

  private Value value() {
    int before = depth;
    Value left = conjunction();
    while (token.kind() == Kind.OR) {
      advance();
      enter();
      Value right = conjunction();
      left = new Value.LogopOf(Logop.OR, left, right, left.at().to(right.at()));
    }
    depth = before;
    return left;
  }

  private Value conjunction() {
    int before = depth;
    Value left = prefixed();
    while (token.kind() == Kind.AND) {
      advance();
      enter();
      Value right = prefixed();
      left = new Value.LogopOf(Logop.AND, left, right, left.at().to(right.at()));
    }
    depth = before;
    return left;
  }

  private Value prefixed() {
    if (token.kind() != Kind.PFXOP) {
      return optioned();
    }
    Token operator = advance();
    enter();
    Value operand = prefixed();
    depth--;
    Position at = operator.at().to(operand.at());
    return operator.text().equals("!")
        ? new Value.Not(operand, at)
        : new Value.Defined(operand, at);
  }

  private Value optioned() {
    int before = depth;
    Value value = comparison();
    while (token.kind() == Kind.LBRACE) {
      advance();
      enter();
      List<Value> options = valuesUntil(Kind.RBRACE);
      Token end = advance();
      value = new Value.Option(value, options, value.at().to(end.at()));
    }
    depth = before;
    return value;
  }

  private Value comparison() {
    if (token.kind() == Kind.RELOP) {
      Token operator = advance();
      Value operand = atom();
      return new Value.PrefixRelop(relop(operator), operand, operator.at().to(operand.at()));
    }
    if (token.kind() == Kind.LPAREN || token.kind() == Kind.LBRACKET) {
      return bracketed();
    }
    Value left = atom();
    if (token.kind() == Kind.RELOP) {
      Token operator = advance();
      Value right = atom();
      return new Value.RelopOf(relop(operator), left, right, left.at().to(right.at()));
    }
    if (token.kind() == Kind.ENVOP) {
      Token operator = advance();
      Value right = atom();
      return new Value.EnvOp(operator.text(), left, right, left.at().to(right.at()));
    }
    return left;
  }

  private Relop relop(Token operator) {
    return Relop.find(operator.text())
        .orElseThrow(() -> new IllegalStateException("No comparison " + operator.text()));
  }

  private Value bracketed() {
    Token start = advance();
    boolean list = start.kind() == Kind.LBRACKET;
    enter();
    List<Value> items = valuesUntil(list ? Kind.RBRACKET : Kind.RPAREN);
    depth--;
    Token end = advance();
    Position at = start.at().to(end.at());
    return list ? new Value.ListOf(items, at) : new Value.Group(items, at);
  }

  private List<Value> valuesUntil(Kind end) {
    var values = new ArrayList<Value>();
    while (token.kind() != end) {
      if (!startsValue(token.kind())) {
        throw unexpected("a value or " + end);
      }
      values.add(value());
    }
    return values;
  }

  private static boolean startsValue(Kind kind) {
    return switch (kind) {
      case STRING, BOOL, INT, IDENT, RELOP, PFXOP, LPAREN, LBRACKET -> true;
      case COLON, LBRACE, RBRACE, RBRACKET, RPAREN, AND, OR, ENVOP, EOF -> false;
    };
  }

  private Value atom() {
    Token atom = token;
    Value value =
        switch (atom.kind()) {
          case STRING -> new Value.Str(atom.text(), atom.at());
          case IDENT -> new Value.Ident(atom.text(), atom.at());
          case BOOL -> new Value.Bool(atom.text().equals("true"), atom.at());
          case INT -> new Value.Int(number(atom), atom.at());
          default -> throw unexpected("a value");
        };
    advance();
    return value;
  }

  private long number(Token atom) {
    try {
      return Long.parseLong(atom.text().replace("_", ""));
    } catch (NumberFormatException _) {
      throw unexpected("a decimal number of at most 63 bits");
    }
  }

  private void enter() {
    if (++depth > DEPTH_MAX) {
      throw error(
          token.at(), "expected values nested at most " + DEPTH_MAX + " deep but found more");
    }
  }

  private Token expect(Kind kind, String what) {
    if (token.kind() != kind) {
      throw unexpected(what);
    }
    return advance();
  }

  private Token advance() {
    Token previous = token;
    token = lexer.next();
    return previous;
  }

  private OpamParseException unexpected(String expected) {
    return error(token.at(), "expected %s but found %s".formatted(expected, token.describe()));
  }

  private OpamParseException error(Position at, String problem) {
    return new OpamParseException(fileName, at.line(), at.column(), problem);
  }
}
