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

  /** Returns how the token is named in a message. */
  String describe() {
    return switch (kind) {
      case EOF -> kind.toString();
      case STRING -> "the string \"" + abbreviated() + "\"";
      default -> "\"" + abbreviated() + "\"";
    };
  }

  private String abbreviated() {
    String line = text.replace("\n", "\\n");
    return line.length() <= 40 ? line : line.substring(0, 40) + "…";
  }
}
