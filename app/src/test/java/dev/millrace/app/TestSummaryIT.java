package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./test} says last, which CI reads. */
class TestSummaryIT {
  private static final String PASSED =
      "<testcase classname='dev.millrace.a.FooTest' name='works'/>";

  @TempDir private Path tree;

  @Test
  void sumsUpAllModulesAndListsWhatWasSkipped() throws Exception {
    report("lib/a/target/surefire-reports/TEST-1.xml", PASSED + PASSED);
    report(
        "b/target/failsafe-reports/TEST-2.xml",
        PASSED
            + "<testcase classname='dev.millrace.b.BarIT' name='runs'><skipped message='needs root'/></testcase>");
    report("b/target/other/TEST-3.xml", PASSED);

    Answer answer = summary("0");

    assertThat(answer.status()).isZero();
    assertThat(answer.lines())
        .containsExactly("SKIPPED b.BarIT.runs: needs root", "3 passed, 0 failed, 1 skipped");
  }

  @Test
  void aFailedTestFailsTheRun() throws Exception {
    report(
        "a/target/surefire-reports/TEST-1.xml",
        PASSED
            + "<testcase classname='dev.millrace.a.FooTest' name='fails'><failure>expected 1 but was 2</failure></testcase>"
            + "<testcase classname='dev.millrace.a.FooTest' name='breaks'><error>boom</error></testcase>");

    Answer answer = summary("1");

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.lines())
        .contains("FAILED a.FooTest.fails", "    expected 1 but was 2")
        .endsWith("1 passed, 2 failed, 0 skipped");
  }

  @Test
  void aBrokenBuildFailsTheRunThoughNoTestFailed() throws Exception {
    report("a/target/surefire-reports/TEST-1.xml", PASSED);

    Answer answer = summary("1");

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.lines().getLast()).isEqualTo("1 passed, 1 failed, 0 skipped");
  }

  @Test
  void noTestAtAllIsAFailure() throws Exception {
    Answer answer = summary("0");

    assertThat(answer.status()).isEqualTo(1);
    assertThat(answer.lines()).containsExactly("NO TEST RAN", "0 passed, 1 failed, 0 skipped");
  }

  private record Answer(int status, List<String> lines) {}

  private void report(String path, String cases) throws IOException {
    Path file = tree.resolve(path);
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, "<testsuite name='x'>" + cases + "</testsuite>");
  }

  private Answer summary(String buildStatus) throws IOException, InterruptedException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status =
        Command.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                Path.of(System.getProperty("millrace.root"), ".mvn", "TestSummary.java").toString(),
                tree.toString(),
                buildStatus)
            .run((buffer, length) -> output.write(buffer, 0, length));
    return new Answer(status, output.toString(StandardCharsets.UTF_8).lines().toList());
  }
}
