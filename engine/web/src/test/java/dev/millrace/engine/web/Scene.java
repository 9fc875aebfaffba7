package dev.millrace.engine.web;

/** The pages that are looked at, as addresses on one of two sites. */
enum Scene {
  PIPELINE("/", true, "✗ Pipeline", "failed"),
  PIPELINE_GRAPH("/?view=graph", true, "✗ Pipeline", "failed"),
  PIPELINE_LIST("/?view=list", true, "✗ Pipeline", "failed"),
  PIPELINE_TIMELINE("/?view=timeline", true, "✗ Pipeline", "failed"),
  BLOCKED_STAGE("/stage/11", true, "⊖ notify the maintainers", "blocked"),
  PLAN("/plan", true, "✗ Plan", "failed"),
  ACTIONS("/actions", true, "✗ Actions", "failed"),
  NO_ACTIONS("/actions", false, "◔ Actions", "running"),
  EMPTY_PIPELINE("/", false, "◔ Pipeline", "running"),
  JOBS("/jobs", true, "✗ Jobs", "failed"),
  NO_JOBS("/jobs", false, "◔ Jobs", "running"),
  LOG_RULES("/log-rules", true, "✗ Log rules", "failed"),
  NO_LOG_RULES("/log-rules", false, "◔ Log rules", "running"),
  RUNNING_JOB("/job/" + TestObjects.RUNNING, true, "◔ hello (lower bounds)", "running"),
  FAILED_JOB("/job/" + TestObjects.FAILED, true, "✗ hello on debian-12", "failed"),
  WAITING_JOB("/job/" + TestObjects.WAITING, true, "◆ Publish hello", "approval"),
  HOSTILE_JOB("/job/" + TestObjects.HOSTILE, true, "✗ <script>", "failed"),
  MISSING("/nowhere", true, "⊖ Not found", "blocked");

  private final String path;
  private final boolean full;
  private final String title;
  private final String icon;

  Scene(String path, boolean full, String title, String icon) {
    this.path = path;
    this.full = full;
    this.title = title;
    this.icon = icon;
  }

  String address(Sites sites) {
    return (full ? sites.full() : sites.empty()) + path;
  }

  /** What its title begins with. */
  String title() {
    return title;
  }

  /** The state that its icon shows. */
  String icon() {
    return icon;
  }
}
