package dev.millrace.engine.web;

import dev.millrace.engine.core.JobReason;
import dev.millrace.engine.core.JobReason.Cause;
import java.util.List;
import java.util.Optional;

/**
 * Why a job was run, as it is shown. Immutable.
 *
 * @param sentence what kind of reason it is
 * @param changes what changed, the nearest first
 */
record WhyView(String sentence, List<Change> changes) {
  WhyView {
    changes = List.copyOf(changes);
  }

  /**
   * Something that changed.
   *
   * @param before empty if it was nothing yet
   * @param job the address of the job that changed it, if one did
   */
  record Change(String stage, String before, String after, Optional<String> job) {
    private static Change of(Cause cause) {
      return new Change(
          LabelText.visible(cause.stage()),
          LabelText.visible(cause.before()),
          LabelText.visible(cause.after()),
          cause.job().map(PipelineView::jobAddress));
    }
  }

  static WhyView of(JobReason reason) {
    String sentence = new JobReason(reason.kind(), reason.detail(), List.of()).sentence();
    return new WhyView(
        LabelText.visible(sentence), reason.causes().stream().map(Change::of).toList());
  }
}
