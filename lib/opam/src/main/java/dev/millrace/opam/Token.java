package dev.millrace.opam;

/** One lexical unit; {@code text} is the content of a string, else the spelling. */
record Token(Kind kind, String text, Position at) {
  enum Kind {
    COLON("\":\""),
    LBRACE("\"{\""),
    RBRACE("\"}\""),
    LBRACKET("\"[\""),
    RBRACKET("\"]\""),
    LPAREN("\"(\""),
    RPAREN("\")\""),
    STRING("a string"),
    BOOL("a boolean"),
    INT("a number"),
    IDENT("an identifier"),
    RELOP("a comparison"),
    AND("\"&\""),
    OR("\"|\""),
    PFXOP("a prefix operator"),
    ENVOP("an environment operator"),
    EOF("the end of the file");

    private final String description;

    Kind(String description) {
      this.description = description;
    }

    @Override
    public String toString() {
      return description;
    }
  }

  private static final int SHOWN_MAX = 40;

  /** Returns how the token is named in a message. */
  String describe() {
    return switch (kind) {
      case EOF -> kind.toString();
      case STRING -> "the string \"" + abbreviated() + "\"";
      default -> "\"" + abbreviated() + "\"";
    };
  }

  private String abbreviated() {
    return abbreviated(text);
  }

  /** Returns the text on one line, and only its beginning if it is long. */
  static String abbreviated(String text) {
    String start = text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "…";
    return start.replace("\n", "\\n").replaceAll("\\p{Cntrl}", "?");
  }
}
