package dev.millrace.engine.web;

import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The style sheet, the script and the icons: named by their content, so that browsers keep them for
 * ever. Immutable.
 */
final class Assets {
  private static final String FOLDER = "/assets/";
  private static final Pattern DARK =
      Pattern.compile(":root\\[data-theme=dark] (\\{[^}]*})", Pattern.DOTALL);

  private final Map<String, Asset> byPath = new LinkedHashMap<>();
  private final Map<String, String> pathByName = new LinkedHashMap<>();
  private final String sprite;

  /** One file as it is sent. */
  private static final class Asset {
    private final String type;
    private final byte[] plain;
    private final byte[] gzip;
    private final String tag;

    private Asset(String type, byte[] plain, String tag) {
      this.type = type;
      this.plain = plain;
      this.gzip = Exchange.gzip(plain);
      this.tag = tag;
    }
  }

  Assets() {
    String tokens = read("tokens.css");
    sprite = read("sprite.svg").replace("\n", "");
    add("style.css", "text/css; charset=utf-8", compress(themed(tokens) + read("style.css")));
    add("app.js", "text/javascript; charset=utf-8", read("app.js"));
    Tokens light = Tokens.light(tokens);
    Tokens dark = Tokens.dark(tokens);
    for (StageState state : StageState.values()) {
      String name = StateLook.of(state).name();
      add("icon-" + name + ".svg", "image/svg+xml", icon(name, light, dark));
      add("icon-" + name + ".png", "image/png", readBytes("icon-" + name + ".png"));
    }
  }

  /** The address of a file, with its hash in it. */
  String path(String name) {
    String path = pathByName.get(name);
    if (path == null) {
      throw new IllegalArgumentException("There is no asset \"" + name + "\"");
    }
    return path;
  }

  /** The address of the favicon for a state. */
  String icon(StageState state) {
    return path("icon-" + StateLook.of(state).name() + ".svg");
  }

  /** The address of the favicon for a state where browsers know no SVG: 32 pixels wide. */
  String picture(StageState state) {
    return path("icon-" + StateLook.of(state).name() + ".png");
  }

  /** The symbols that pages draw by reference. */
  String sprite() {
    return sprite;
  }

  /** The text of a file. */
  String text(String name) {
    Asset asset = byPath.get(path(name));
    if (asset == null) {
      throw new IllegalArgumentException("There is no asset \"" + name + "\"");
    }
    return new String(asset.plain, StandardCharsets.UTF_8);
  }

  private Optional<Asset> find(String path) {
    return Optional.ofNullable(byPath.get(path));
  }

  /** What browsers ask for by themselves where a page names no icon, as for the text of a log. */
  void serveFavicon(Exchange exchange) {
    exchange.setHeader("Cache-Control", "public, max-age=86400");
    exchange.setHeader("Content-Type", "image/png");
    exchange.sendBytes(200, readBytes("icon-" + StateLook.of(StageState.PASSED).name() + ".png"));
  }

  void serve(Exchange exchange) {
    Asset asset =
        find(exchange.path())
            .orElseThrow(
                () -> PageException.notFound("There is no file " + exchange.path() + " here."));
    exchange.setHeader("Cache-Control", "public, max-age=31536000, immutable");
    exchange.setHeader("Vary", "Accept-Encoding");
    exchange.setHeader("ETag", asset.tag);
    if (exchange.isKnown(asset.tag)) {
      exchange.notModified();
      return;
    }
    exchange.setHeader("Content-Type", asset.type);
    if (exchange.acceptsGzip()) {
      exchange.setHeader("Content-Encoding", "gzip");
      exchange.sendBytes(200, asset.gzip);
    } else {
      exchange.sendBytes(200, asset.plain);
    }
  }

  private void add(String name, String type, String text) {
    add(name, type, text.getBytes(StandardCharsets.UTF_8));
  }

  private void add(String name, String type, byte[] plain) {
    String hash = Exchange.digest(plain);
    int dot = name.lastIndexOf('.');
    String path = FOLDER + name.substring(0, dot) + "." + hash + name.substring(dot);
    byPath.put(path, new Asset(type, plain, "\"" + hash + "\""));
    pathByName.put(name, path);
  }

  /** Dark applies when it was chosen, and when the system is dark and nothing was chosen. */
  private static String themed(String tokens) {
    Matcher dark = DARK.matcher(tokens);
    if (!dark.find()) {
      throw new IllegalStateException("tokens.css has no dark block");
    }
    return tokens
        + "@media (prefers-color-scheme: dark) { :root:not([data-theme]) "
        + dark.group(1)
        + " }\n";
  }

  private static String compress(String css) {
    return css.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("\\s*\\n\\s*", "\n");
  }

  private String icon(String name, Tokens light, Tokens dark) {
    Matcher symbol =
        Pattern.compile("<symbol id=\"" + name + "\" viewBox=\"0 0 16 16\">(.*?)</symbol>")
            .matcher(sprite);
    if (!symbol.find()) {
      throw new IllegalStateException("sprite.svg has no symbol " + name);
    }
    String token = name.equals("cancelled") || name.equals("skipped") ? "blocked" : name;
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><style>svg{"
        + colours(token, light)
        + "}@media(prefers-color-scheme:dark){svg{"
        + colours(token, dark)
        + "}}</style>"
        + symbol.group(1)
        + "</svg>";
  }

  private static String colours(String token, Tokens tokens) {
    return "--s:%s;--o:%s;--l:%s"
        .formatted(tokens.value(token), tokens.value(token + "-on"), tokens.value(token + "-line"));
  }

  static String read(String name) {
    return new String(readBytes(name), StandardCharsets.UTF_8);
  }

  private static byte[] readBytes(String name) {
    try (InputStream in = Assets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The resource " + name + " is missing from the program");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
