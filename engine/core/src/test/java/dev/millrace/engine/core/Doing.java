package dev.millrace.engine.core;

/** An operation that does what the test passes. */
record Doing(Work work) implements Operation<String, Done, String> {
  interface Work {
    String run(Job job) throws Exception;
  }

  @Override
  public String id() {
    return "doing";
  }

  @Override
  public String describe(String key, Done value) {
    return "doing " + key;
  }

  @Override
  public String keyDigest(String key) {
    return key;
  }

  @Override
  public String valueDigest(Done value) {
    return "";
  }

  @Override
  public String encode(String outcome) {
    return outcome;
  }

  @Override
  public String decode(String text) {
    return text;
  }

  @Override
  public String run(Job job, String key, Done value) throws Exception {
    return work.run(job);
  }
}
