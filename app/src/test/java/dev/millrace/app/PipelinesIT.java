package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pipelines to copy do what their first lines say: the real launcher runs each file. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PipelinesIT {
  private static final Path PIPELINES = MillraceProcess.HOME.resolve("examples/pipelines");

  @TempDir private Path directory;

  private MillraceProcess start(Path in, String name, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("run", PIPELINES.resolve(name).toString()));
    arguments.addAll(List.of("--port", "0", "--state-dir", directory.resolve("state").toString()));
    arguments.addAll(List.of(options));
    return MillraceProcess.start(in, arguments);
  }

  private String pass(Path in, String name) throws Exception {
    try (MillraceProcess process = start(in, name, "--once")) {
      MillraceProcess.Ended ended = process.await();
      assertThat(ended.status()).as(ended.output()).isZero();
      assertThat(ended.output()).endsWith("\nPassed\n").doesNotContain("WARN");
      return ended.output();
    }
  }

  @Test
  void theGatedDeploymentGoesToProductionAfterStaging() throws Exception {
    assertThat(pass(directory, "GatedDeploy.java"))
        .containsSubsequence(
            "passed  deploy staging", "passed  check staging", "passed  deploy production");
    assertThat(directory.resolve("var/site/production")).content().isEqualTo("shop-1.2.image");
  }

  @Test
  void theBuildMatrixHasAJobForEachPair() throws Exception {
    assertThat(
            pass(directory, "BuildMatrix.java")
                .lines()
                .filter(line -> line.startsWith("  build "))
                .map(line -> line.replaceAll(" =.*", "")))
        .containsExactlyInAnyOrder(
            "  build debian-13 with 4.14",
            "  build debian-13 with 5.3",
            "  build debian-13 with 5.4",
            "  build alpine-3.22 with 4.14",
            "  build alpine-3.22 with 5.3",
            "  build alpine-3.22 with 5.4");
  }

  @Test
  void theOperationOfOnesOwnKnowsWhatItHasCounted() throws Exception {
    assertThat(pass(MillraceProcess.HOME, "CustomOperation.java"))
        .contains("passed  count the words of README.md (");

    assertThat(pass(MillraceProcess.HOME, "CustomOperation.java"))
        .as("nothing runs again")
        .doesNotContain("passed  count the words of README.md (");
  }

  @Test
  void theScheduledRefreshReactsWhenWhatItLooksAtChanges() throws Exception {
    try (MillraceProcess process = start(directory, "ScheduledRefresh.java")) {
      process.awaitText("passed  react version = nothing");
      Files.writeString(directory.resolve("version.txt"), "2\n");
      process.awaitText("passed  react version = 2");
    }
  }

  @Test
  void theConfirmationWaitsForAPerson() throws Exception {
    try (MillraceProcess process =
        start(directory, "Confirmation.java", "--once", "--confirm", "dangerous")) {
      Matcher page =
          Pattern.compile("release shop = 1.2: approve it at (http://(\\S+?)/job/\\S+)")
              .matcher(process.awaitText("approve it at"));
      assertThat(page.find()).isTrue();
      approve(page.group(1));

      assertThat(process.await().status()).isZero();
    }
  }

  /** As the button on the page does. */
  private static void approve(String page) throws IOException, InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder().cookieHandler(new java.net.CookieManager()).build()) {
      String html =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(page)).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      Matcher token = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"").matcher(html);
      assertThat(token.find()).as(html).isTrue();
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(page + "/start"))
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(HttpRequest.BodyPublishers.ofString("csrf=" + token.group(1)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isIn(200, 302, 303);
    }
  }

  @Test
  void whatIsNoPipelineIsRefusedInOneLine() throws Exception {
    for (String file : List.of("absent.java", "-Dx.java", "README.md", "@x")) {
      try (MillraceProcess process = MillraceProcess.start(directory, List.of("run", "--", file))) {
        MillraceProcess.Ended ended = process.await();
        assertThat(ended.status()).as(ended.output()).isEqualTo(2);
        assertThat(ended.output()).startsWith("millrace: Cannot run \"" + file + "\": ");
      }
    }
  }

  /** What a newcomer copies from the page works as it stands there. */
  @Test
  void theFirstPipelineOfTheDocumentationRuns() throws Exception {
    String page = Files.readString(MillraceProcess.HOME.resolve("docs/first-pipeline.md"));
    Matcher code = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
    assertThat(code.find()).isTrue();
    Path file = Files.writeString(directory.resolve("Hello.java"), code.group(1));

    assertThat(pass(directory, file.toString())).contains("passed  greet world");
    try (MillraceProcess planning = start(directory, file.toString(), "--plan")) {
      assertThat(planning.await().output())
          .isEqualTo("Known, and would not run:\n  greet world\n0 of 1 would run\n");
    }
  }

  /** Into a local repository of its own in front of the real one. */
  @Test
  void aNewProjectBuildsAndTestsItsCommits() throws Exception {
    Path repository = Path.of(System.getProperty("millrace.maven.repository"));
    Map<String, String> environment =
        Map.of(
            "MAVEN_OPTS",
            "-Dmaven.repo.local=%s -Dmaven.repo.local.tail=%s"
                .formatted(directory.resolve("m2"), repository));
    Path project = directory.resolve("Lint_Bot");
    try (MillraceProcess process =
        MillraceProcess.start(
            directory,
            MillraceProcess.HOME.resolve("millrace"),
            List.of("new", project.toString()),
            environment)) {
      MillraceProcess.Ended ended = process.await();
      assertThat(ended.status()).as(ended.output()).isZero();
      assertThat(ended.output()).contains("The pipeline \"lint-bot\" is in " + project);
    }
    try (MillraceProcess again =
        MillraceProcess.start(directory, List.of("new", project.toString()))) {
      MillraceProcess.Ended ended = again.await();
      assertThat(ended.status()).isEqualTo(2);
      assertThat(ended.output()).contains("has something in it");
    }
    TestProject.empty(project).commit("First");
    try (MillraceProcess started =
        MillraceProcess.start(
            project, project.resolve("start"), List.of("--once", "--port", "0"), environment)) {
      MillraceProcess.Ended ended = started.await();
      assertThat(ended.status()).as(ended.output()).isZero();
      assertThat(ended.output())
          .containsPattern("test [0-9a-f]{40} +✓ passed")
          .endsWith("Passed\n");
    }
  }
}
