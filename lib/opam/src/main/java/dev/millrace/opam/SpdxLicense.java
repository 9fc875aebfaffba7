package dev.millrace.opam;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The expressions by which SPDX names licences: {@code ISC}, {@code LGPL-2.1-only WITH
 * OCaml-LGPL-linking-exception}, {@code (MIT OR LicenseRef-own) AND Zlib}. See the annex on licence
 * expressions of the SPDX specification; names are those of its list, in any case of letters.
 */
final class SpdxLicense {
  private static final Pattern TOKEN =
      Pattern.compile("[ \\t\\n]*(\\(|\\)|[A-Za-z0-9.-]+(?::[A-Za-z0-9.-]+)?\\+?|$)");
  private static final Pattern OWN =
      Pattern.compile("(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+");
  private static final Pattern OWN_ADDITION =
      Pattern.compile("(DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+");
  private static final int DEPTH_MAX = 100;

  private final Matcher tokens;
  private String token = "";
  private int depth;

  private SpdxLicense(String text) {
    this.tokens = TOKEN.matcher(text);
    advance();
  }

  /** The names that may be used, in capitals; read when first asked for. */
  private static final class Names {
    static final Set<String> LICENSES = new HashSet<>();
    static final Set<String> EXCEPTIONS = new HashSet<>();

    static {
      String text;
      try (InputStream stream =
          Objects.requireNonNull(SpdxLicense.class.getResourceAsStream("spdx.txt"))) {
        text = new String(stream.readAllBytes(), US_ASCII);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Set<String> names = LICENSES;
      for (String line : text.lines().toList()) {
        if (line.isEmpty()) {
          names = EXCEPTIONS;
        } else if (!line.startsWith("#")) {
          names.add(line.toUpperCase(Locale.ROOT));
        }
      }
    }
  }

  /** Says whether a text is such an expression. */
  static boolean isValid(String text) {
    SpdxLicense license = new SpdxLicense(text);
    return license.disjunction() && license.token.isEmpty();
  }

  private void advance() {
    boolean found = tokens.lookingAt();
    token = found ? tokens.group(1) : "?";
    if (found) {
      tokens.region(tokens.end(), tokens.regionEnd());
    }
  }

  private boolean disjunction() {
    while (conjunction()) {
      if (!isWord("or")) {
        return true;
      }
      advance();
    }
    return false;
  }

  private boolean conjunction() {
    while (primary()) {
      if (!isWord("and")) {
        return true;
      }
      advance();
    }
    return false;
  }

  private boolean primary() {
    if (!token.equals("(")) {
      return license();
    }
    advance();
    boolean valid = ++depth < DEPTH_MAX && disjunction() && token.equals(")");
    depth--;
    advance();
    return valid;
  }

  private boolean license() {
    String name = token.endsWith("+") ? token.substring(0, token.length() - 1) : token;
    boolean valid =
        OWN.matcher(token).matches() || Names.LICENSES.contains(name.toUpperCase(Locale.ROOT));
    advance();
    if (!valid || !isWord("with")) {
      return valid;
    }
    advance();
    valid =
        OWN_ADDITION.matcher(token).matches()
            || Names.EXCEPTIONS.contains(token.toUpperCase(Locale.ROOT));
    advance();
    return valid;
  }

  /** Operators are all in small letters or all in capitals. */
  private boolean isWord(String word) {
    return token.equals(word) || token.equals(word.toUpperCase(Locale.ROOT));
  }
}
