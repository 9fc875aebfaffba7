package dev.millrace.opam;

import dev.millrace.opam.Token.Kind;
import java.io.ByteArrayOutputStream;

/**
 * Cuts the bytes of an opam file into tokens, one at a time: the longest match wins. One thread at
 * a time.
 */
final class Lexer {
  /** The texts of tokens of one character, most of which are punctuation. */
  private static final String[] SINGLE = new String[128];

  static {
    for (int i = 0; i < SINGLE.length; i++) {
      SINGLE[i] = String.valueOf((char) i);
    }
  }

  private final byte[] bytes;
  private final String fileName;
  private int at;
  private int line = 1;
  private int lineStart;
  private int tokenLine = 1;
  private int tokenColumn = 1;
  private int tokenStart;

  /** Up to where it is known that no letter comes, so that numbers are not looked through again. */
  private int letterless;

  Lexer(byte[] bytes, String fileName) {
    this.bytes = bytes;
    this.fileName = fileName;
  }

  Token next() {
    skipBlanks();
    mark();
    int c = peek(0);
    return switch (c) {
      case -1 -> token(Kind.EOF, 0);
      case '{' -> token(Kind.LBRACE, 1);
      case '}' -> token(Kind.RBRACE, 1);
      case '[' -> token(Kind.LBRACKET, 1);
      case ']' -> token(Kind.RBRACKET, 1);
      case '(' -> token(Kind.LPAREN, 1);
      case ')' -> token(Kind.RPAREN, 1);
      case '&' -> token(Kind.AND, 1);
      case '|' -> token(Kind.OR, 1);
      case '?' -> token(Kind.PFXOP, 1);
      case '~' -> token(Kind.RELOP, 1);
      case '!' -> peek(1) == '=' ? token(Kind.RELOP, 2) : token(Kind.PFXOP, 1);
      case '<', '>' -> token(Kind.RELOP, peek(1) == '=' ? 2 : 1);
      case ':' -> peek(1) == '=' ? token(Kind.ENVOP, 2) : token(Kind.COLON, 1);
      case '=' -> equalsSign();
      case '"' -> string();
      default -> word(c);
    };
  }

  private Token equalsSign() {
    return switch (peek(1)) {
      case '+' -> token(Kind.ENVOP, peek(2) == '=' ? 3 : 2);
      case ':' -> token(Kind.ENVOP, 2);
      default -> token(Kind.RELOP, 1);
    };
  }

  private Token word(int first) {
    if (first == '+' && peek(1) == '=') {
      return token(Kind.ENVOP, 2);
    }
    int ident = identLength();
    int number = numberLength();
    if (number > 0 && number >= ident) {
      return token(Kind.INT, number);
    }
    if (ident == 0) {
      throw error(
          "expected a field, a value or punctuation but found the character "
              + (first > ' ' && first < 127 ? "'" + (char) first + "'" : "code " + first));
    }
    String text = OpamText.decode(bytes, at, at + ident);
    boolean bool = text.equals("true") || text.equals("false");
    return token(bool ? Kind.BOOL : Kind.IDENT, ident);
  }

  private int numberLength() {
    int i = peek(0) == '-' ? 1 : 0;
    int digits = i;
    while (Ascii.isDigit(peek(i)) || peek(i) == '_') {
      i++;
    }
    return i > digits ? i : 0;
  }

  /** Returns the length of {@code W('+'W)*(':'id)?} here, 0 when there is none. */
  private int identLength() {
    int length = partLength(0);
    if (length == 0) {
      return 0;
    }
    while (peek(length) == '+') {
      int part = partLength(length + 1);
      if (part == 0) {
        break;
      }
      length += 1 + part;
    }
    if (peek(length) == ':') {
      int id = idLength(length + 1);
      length += id > 0 ? 1 + id : 0;
    }
    return length;
  }

  private int partLength(int from) {
    int id = idLength(from);
    return id > 0 ? id : peek(from) == '_' ? 1 : 0;
  }

  /** Returns the length of the run of name characters that has a letter in it. */
  private int idLength(int from) {
    if (at + from < letterless) {
      return 0;
    }
    int i = from;
    boolean letter = false;
    while (isNameCharacter(peek(i))) {
      letter |= Ascii.isLetter(peek(i));
      i++;
    }
    if (!letter) {
      letterless = at + i;
    }
    return letter ? i - from : 0;
  }

  private Token string() {
    boolean triple = peek(1) == '"' && peek(2) == '"';
    at += triple ? 3 : 1;
    int start = at;
    skipPlain(triple);
    if (peek(0) == '"') {
      // Nothing in it stands for something else, as in nearly all strings.
      String text = OpamText.decode(bytes, start, at);
      at += triple ? 3 : 1;
      return new Token(Kind.STRING, text, position());
    }
    var content = new ByteArrayOutputStream();
    content.write(bytes, start, at - start);
    while (true) {
      int c = peek(0);
      if (c == -1) {
        throw error(
            "expected the end of the string that starts here but found the end of the file");
      } else if (c == '"' && (!triple || (peek(1) == '"' && peek(2) == '"'))) {
        at += triple ? 3 : 1;
        Position position = position();
        return new Token(Kind.STRING, OpamText.decode(content.toByteArray()), position);
      } else if (c == '\\') {
        escape(content);
      } else if (c == '\r' && peek(1) == '\n') {
        at++;
      } else {
        content.write(c);
        advance();
      }
    }
  }

  /** Goes on to the end of the string, or to the first byte that does not stand for itself. */
  private void skipPlain(boolean triple) {
    for (int c = peek(0); c != -1 && c != '\\' && c != '\r'; c = peek(0)) {
      if (c == '"' && (!triple || (peek(1) == '"' && peek(2) == '"'))) {
        return;
      }
      advance();
    }
  }

  private void escape(ByteArrayOutputStream content) {
    int c = peek(1);
    int simple =
        switch (c) {
          case '\\', '"', '\'', ' ' -> c;
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          case 'b' -> '\b';
          default -> -1;
        };
    if (simple >= 0) {
      content.write(simple);
      at += 2;
    } else if (c == '\n' || (c == '\r' && peek(2) == '\n')) {
      at += c == '\n' ? 1 : 2;
      advance();
      while (peek(0) == ' ' || peek(0) == '\t') {
        at++;
      }
    } else if (Ascii.isDigit(c) && Ascii.isDigit(peek(2)) && Ascii.isDigit(peek(3))) {
      int code = (c - '0') * 100 + (peek(2) - '0') * 10 + (peek(3) - '0');
      if (code > 255) {
        throw illegalEscape();
      }
      content.write(code);
      at += 4;
    } else if (c == 'x' && hex(peek(2)) >= 0 && hex(peek(3)) >= 0) {
      content.write(hex(peek(2)) * 16 + hex(peek(3)));
      at += 4;
    } else {
      throw illegalEscape();
    }
  }

  private OpamParseException illegalEscape() {
    mark();
    int end = Math.min(at + 2, bytes.length);
    return error(
        "expected one of the escapes \\\\ \\\" \\' \\n \\r \\t \\b \\DDD \\xHH but found "
            + OpamText.decode(bytes, at, end).replace("\n", "\\n"));
  }

  private void skipBlanks() {
    while (true) {
      int c = peek(0);
      if (c == ' ' || c == '\t' || c == '\n' || (c == '\r' && peek(1) == '\n')) {
        advance();
      } else if (c == '#') {
        while (peek(0) != '\n' && peek(0) != -1) {
          at++;
        }
      } else if (c == '(' && peek(1) == '*') {
        skipComment();
      } else {
        return;
      }
    }
  }

  private void skipComment() {
    mark();
    int depth = 0;
    do {
      if (peek(0) == -1) {
        throw error(
            "expected the end of the comment that starts here but found the end of the file");
      } else if (peek(0) == '(' && peek(1) == '*') {
        depth++;
        at += 2;
      } else if (peek(0) == '*' && peek(1) == ')') {
        depth--;
        at += 2;
      } else {
        advance();
      }
    } while (depth > 0);
  }

  private int peek(int ahead) {
    int i = at + ahead;
    return i < bytes.length ? bytes[i] & 0xFF : -1;
  }

  private void advance() {
    if (bytes[at++] == '\n') {
      line++;
      lineStart = at;
    }
  }

  private void mark() {
    tokenLine = line;
    tokenColumn = at - lineStart + 1;
    tokenStart = at;
  }

  private Position position() {
    return new Position(tokenLine, tokenColumn, tokenStart, at);
  }

  private Token token(Kind kind, int length) {
    String text = length == 1 ? SINGLE[bytes[at] & 0x7F] : OpamText.decode(bytes, at, at + length);
    at += length;
    return new Token(kind, text, position());
  }

  private OpamParseException error(String problem) {
    return new OpamParseException(fileName, tokenLine, tokenColumn, problem);
  }

  private static boolean isNameCharacter(int c) {
    return Ascii.isLetter(c) || Ascii.isDigit(c) || c == '_' || c == '-';
  }

  private static int hex(int c) {
    return c < 0 ? -1 : Character.digit(c, 16);
  }
}
