package dev.millrace.services.cikit;

import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a project's {@code .ocamlformat} asks for. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "kind")
public sealed interface OcamlformatRequest {
  /** The project has no such file. */
  record Absent() implements OcamlformatRequest {}

  /** The project has one that asks for no version: formatting is switched off. */
  record Disabled() implements OcamlformatRequest {}

  /** The project wants exactly this version. */
  record Version(String version) implements OcamlformatRequest {}

  /** The file is wrong; only the formatting job fails for it. */
  record Mistaken(String problem) implements OcamlformatRequest {}
}
