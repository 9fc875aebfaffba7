package dev.millrace.services.cikit;

import dev.millrace.spec.Op;
import dev.millrace.spec.Spec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a base image what opam says of it. */
public final class OpamVariables {
  private static final String FENCE = "@@@OUTPUT";
  private static final String COMPILERS = "ocaml-base-compiler ocaml-variants ocaml-system";
  private static final Pattern COMPILER =
      Pattern.compile("(ocaml-base-compiler|ocaml-variants|ocaml-system)\\.([A-Za-z0-9_.+~-]+)");

  /** Colours, which opam may print although told not to. */
  private static final Pattern ESCAPES = Pattern.compile("\\x1b\\[[0-9;]*[A-Za-z]");

  private OpamVariables() {}

  /**
   * The build whose log {@link #parse} reads.
   *
   * @param base what the specification starts from
   */
  public static Spec spec(Variant variant, String base) {
    List<Op> ops = new ArrayList<>();
    ops.add(Op.user(1000, 1000));
    if (variant.architecture().is32Bit()) {
      ops.add(new Op.Shell(List.of("/usr/bin/linux32", "/bin/sh", "-c")));
    }
    ops.add(Op.run(OpamCommands.choose(variant.opam())));
    ops.add(Op.run("opam init --reinit -ni"));
    ops.add(
        Op.run(
            fenced(
                "opam list -s --color=never --installed %s --column package"
                    .formatted(COMPILERS))));
    ops.add(Op.run(fenced("opam config expand " + JobSteps.quote(template(variant)))));
    return Spec.of(base, ops);
  }

  private static String fenced(String command) {
    return "echo '%1$s' && %2$s && echo '%1$s'".formatted(FENCE, command);
  }

  private static String template(Variant variant) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put(
        "arch", variant.architecture().is32Bit() ? variant.architecture().opamName() : "%{arch}%");
    fields.put("os", "%{os}%");
    fields.put("os_family", "%{os-family}%");
    fields.put("os_distribution", "%{os-distribution}%");
    fields.put("os_version", "%{os-version}%");
    fields.put("opam_version", "%{opam-version}%");
    return CiKitJson.encode(fields);
  }

  /**
   * Reads the variables out of the build's log.
   *
   * @throws CiKitException if they are not in it
   */
  public static PlatformVariables parse(String log) {
    List<String> outputs = outputs(log);
    if (outputs.size() < 2) {
      throw new CiKitException(
          "The image did not tell its opam variables: expected 2 parts between lines \"%s\", got %d"
              .formatted(FENCE, outputs.size()));
    }
    Matcher compiler = COMPILER.matcher(outputs.get(0));
    if (!compiler.find()) {
      throw new CiKitException(
          "The image has no OCaml compiler: opam lists none of %s as installed"
              .formatted(COMPILERS));
    }
    JsonNode json = json(outputs.get(1));
    return new PlatformVariables(
        text(json, "arch"),
        text(json, "os"),
        text(json, "os_family"),
        text(json, "os_distribution"),
        text(json, "os_version"),
        compiler.group(1),
        compiler.group(2),
        text(json, "opam_version"));
  }

  private static JsonNode json(String text) {
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw CiKitException.of(
          "The image told its opam variables in a form that cannot be read: %s".formatted(text), e);
    }
  }

  private static String text(JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (!value.isString() || value.asString().isEmpty()) {
      throw new CiKitException(
          "The image did not tell its opam variable \"%s\" (got %s)".formatted(field, json));
    }
    return value.asString();
  }

  private static List<String> outputs(String log) {
    List<String> outputs = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    boolean inside = false;
    for (String line : ESCAPES.matcher(log).replaceAll("").lines().toList()) {
      if (!line.strip().equals(FENCE)) {
        if (inside) {
          current.append(line).append('\n');
        }
        continue;
      }
      if (inside) {
        outputs.add(current.toString().strip());
        current.setLength(0);
      }
      inside = !inside;
    }
    return outputs;
  }
}
