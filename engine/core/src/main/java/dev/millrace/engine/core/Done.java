package dev.millrace.engine.core;

/** The value of a stage that has nothing to say but that it is done. */
public enum Done {
  /** It is done. */
  DONE
}
