package dev.millrace.sexp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads S-expressions from the bytes of a text, without recursion. One thread at a time; used once.
 */
final class SexpReader {
  private static final int END = -1;

  private final byte[] bytes;
  private int position;
  private int line = 1;
  private int lineStart;

  /** Lists that are still open, innermost first. */
  private final Deque<Open> open = new ArrayDeque<>();

  /** A list that is still open, and how many of its next items {@code #;} drops. */
  private static final class Open {
    private final Location location;
    private final List<Sexp> items = new ArrayList<>();
    private int toDrop;

    Open(Location location) {
      this.location = location;
    }

    void add(Sexp item) {
      if (toDrop > 0) {
        toDrop--;
      } else {
        items.add(item);
      }
    }
  }

  SexpReader(String text) {
    this.bytes = text.getBytes(StandardCharsets.UTF_8);
  }

  Sexp readOne() {
    List<Sexp> all = readAll();
    if (all.isEmpty()) {
      throw new SexpException(here(), "expected an S-expression, found nothing");
    }
    if (all.size() > 1) {
      throw new SexpException(all.get(1).location(), "more than one S-expression");
    }
    return all.getFirst();
  }

  List<Sexp> readAll() {
    Open top = new Open(new Location(1, 1));
    open.push(top);
    while (peek(0) != END) {
      readNext();
    }
    Open last = current();
    if (last != top) {
      throw new SexpException(last.location, "this parenthesis is never closed");
    }
    if (top.toDrop > 0) {
      throw new SexpException(here(), "\"#;\" without an S-expression to leave out");
    }
    return List.copyOf(top.items);
  }

  /** Reads one token, and what follows from it. */
  private void readNext() {
    Location start = here();
    int c = peek(0);
    if (isBlank(c)) {
      next();
    } else if (c == '(') {
      next();
      if (open.size() > Sexp.DEPTH_MAX) {
        throw new SexpException(start, "nested deeper than " + Sexp.DEPTH_MAX);
      }
      open.push(new Open(start));
    } else if (c == ')') {
      next();
      close(start);
    } else if (c == '"') {
      next();
      current().add(new Sexp.Atom(readQuoted(start), start));
    } else if (c == ';') {
      skipLine();
    } else if (c == '#' && peek(1) == ';') {
      next();
      next();
      current().toDrop++;
    } else if (c == '#' && peek(1) == '|') {
      skipBlock(start);
    } else {
      current().add(new Sexp.Atom(readBare(start), start));
    }
  }

  private void close(Location end) {
    Open closed = open.pop();
    if (open.isEmpty()) {
      throw new SexpException(end, "\")\" without its \"(\"");
    }
    if (closed.toDrop > 0) {
      throw new SexpException(end, "\"#;\" without an S-expression to leave out");
    }
    current().add(new Sexp.Group(closed.items, closed.location));
  }

  private String readBare(Location start) {
    int from = position;
    while (!endsAtom(peek(0))) {
      if ((peek(0) == '#' && peek(1) == '|') || (peek(0) == '|' && peek(1) == '#')) {
        throw new SexpException(here(), "\"#|\" and \"|#\" must be quoted inside an atom");
      }
      next();
    }
    return decode(bytes, from, position - from, start);
  }

  private static boolean endsAtom(int c) {
    return c == END || c == ';' || c == '(' || c == ')' || c == '"' || isBlank(c);
  }

  private static boolean isBlank(int c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
  }

  private String readQuoted(Location start) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    while (true) {
      int c = next();
      switch (c) {
        case END -> throw new SexpException(start, "this string is never closed");
        case '"' -> {
          return decode(text.toByteArray(), 0, text.size(), start);
        }
        case '\\' -> readEscape(text, start);
        default -> text.write(c);
      }
    }
  }

  private void readEscape(ByteArrayOutputStream text, Location start) {
    Location escape = here();
    int c = next();
    switch (c) {
      case END -> throw new SexpException(start, "this string is never closed");
      case '\\', '"', '\'', ' ' -> text.write(c);
      case 'n' -> text.write('\n');
      case 't' -> text.write('\t');
      case 'b' -> text.write('\b');
      case 'r' -> text.write('\r');
      case 'x' -> readHexadecimal(text);
      case '\n' -> skipIndent();
      case '\r' -> {
        if (peek(0) == '\n') {
          next();
          skipIndent();
        } else {
          text.write('\\');
          text.write('\r');
        }
      }
      default -> {
        if (isDigit(c) && isDigit(peek(0)) && isDigit(peek(1))) {
          readDecimal(text, c, escape);
        } else {
          text.write('\\');
          text.write(c);
        }
      }
    }
  }

  private void readDecimal(ByteArrayOutputStream text, int first, Location escape) {
    int value = (first - '0') * 100 + (next() - '0') * 10 + (next() - '0');
    if (value > 255) {
      throw new SexpException(
          escape, "the escape \"\\%d\" must be at most \"\\255\"".formatted(value));
    }
    text.write(value);
  }

  private void readHexadecimal(ByteArrayOutputStream text) {
    int high = Character.digit(peek(0), 16);
    int low = high < 0 ? -1 : Character.digit(peek(1), 16);
    if (low < 0) {
      text.write('\\');
      text.write('x');
    } else {
      next();
      next();
      text.write(high * 16 + low);
    }
  }

  private void skipIndent() {
    while (peek(0) == ' ' || peek(0) == '\t') {
      next();
    }
  }

  private void skipLine() {
    while (peek(0) != END && peek(0) != '\n') {
      next();
    }
  }

  /** Skips a block comment, which may hold others, and strings in which the marks mean nothing. */
  private void skipBlock(Location start) {
    int depth = 0;
    do {
      int c = next();
      if (c == END) {
        throw new SexpException(start, "this comment is never closed");
      } else if (c == '#' && peek(0) == '|') {
        next();
        depth++;
      } else if (c == '|' && peek(0) == '#') {
        next();
        depth--;
      } else if (c == '"') {
        skipQuoted(start);
      }
    } while (depth > 0);
  }

  private void skipQuoted(Location start) {
    while (true) {
      int c = next();
      if (c == '"') {
        return;
      }
      if (c == END) {
        throw new SexpException(start, "a string in this comment is never closed");
      }
      if (c == '\\') {
        next();
      }
    }
  }

  private static String decode(byte[] bytes, int offset, int length, Location start) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, offset, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new SexpException(start, "the escapes of this string do not make UTF-8 text");
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private int peek(int ahead) {
    return position + ahead < bytes.length ? bytes[position + ahead] & 0xff : END;
  }

  private int next() {
    int c = peek(0);
    if (c == END) {
      return END;
    }
    position++;
    if (c == '\n') {
      line++;
      lineStart = position;
    }
    return c;
  }

  private Location here() {
    return new Location(line, position - lineStart + 1);
  }

  private Open current() {
    return open.element();
  }
}
