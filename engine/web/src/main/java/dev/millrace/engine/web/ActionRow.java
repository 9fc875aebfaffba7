package dev.millrace.engine.web;

import dev.millrace.engine.core.ActionRecord;
import dev.millrace.engine.core.JobId;
import java.util.Optional;

/** Something that somebody did, as it is listed. Immutable. */
record ActionRow(ActionRecord action) {
  private static final int TARGET_MAX = 80;

  String who() {
    return LabelText.visible(action.who());
  }

  String what() {
    return switch (action.what()) {
      case CANCEL -> "Cancel job";
      case REBUILD -> "Rebuild job";
      case APPROVE -> "Approve job";
      case SET_CONFIRM -> "Set approval level";
      case STORE_LOG_RULE -> "Store log rule";
      case REMOVE_LOG_RULE -> "Remove log rule";
      case END_SESSIONS -> "End sessions";
    };
  }

  String target() {
    return LabelText.shorten(action.target(), TARGET_MAX);
  }

  /** Where the job is that it was done to, if it was one. */
  Optional<String> address() {
    return switch (action.what()) {
      case CANCEL, REBUILD, APPROVE -> jobAddress();
      case SET_CONFIRM, STORE_LOG_RULE, REMOVE_LOG_RULE, END_SESSIONS -> Optional.empty();
    };
  }

  private Optional<String> jobAddress() {
    try {
      return Optional.of(PipelineView.jobAddress(JobId.parse(action.target())));
    } catch (IllegalArgumentException e) {
      // Somebody asked for a job that there cannot be.
      return Optional.empty();
    }
  }

  Reason refusal() {
    return Reason.of(action.refusal().orElse(""));
  }
}
