package dev.millrace.services.cikit;

import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** Where the tool of a lint job comes from. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "kind")
public sealed interface ToolChoice {
  /** The project does not ask for this check: there is no such job. */
  record NotWanted() implements ToolChoice {}

  /** The opam repository has it: these packages are installed. */
  record Solved(Selection selection) implements ToolChoice {}

  /**
   * The distribution packages it.
   *
   * @param selection what else is installed with opam
   * @param systemPackage the distribution's name for it
   */
  record Packaged(Selection selection, String systemPackage) implements ToolChoice {}

  /** It cannot be had: the job is skipped. */
  record Unavailable(String reason) implements ToolChoice {}

  /** The project asks for it wrongly: the job fails. */
  record Mistaken(String problem) implements ToolChoice {}
}
