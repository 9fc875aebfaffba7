import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Sums up the XML reports of all modules: skipped tests with their reasons, failed ones with the first lines of theirs,
 * and {@code N passed, N failed, N skipped} last. Fails if a test failed, if none ran, or if the build did.
 *
 * <p>Run by ./test from source: {@code java TestSummary.java ROOT BUILD-STATUS}.
 */
class TestSummary {
  private int passed;
  private int failed;
  private int skipped;

  public static void main(String[] args) throws Exception {
    TestSummary summary = new TestSummary();
    List<Path> reports;
    try (Stream<Path> files = Files.walk(Path.of(args[0]))) {
      reports = files.filter(TestSummary::isReport).sorted().toList();
    }
    for (Path report : reports) {
      summary.add(report);
    }
    boolean isBuilt = args[1].equals("0");
    if (!isBuilt && summary.failed == 0) {
      System.out.println("BUILD FAILED, though no test did: see target/test.log");
      summary.failed++;
    }
    if (summary.passed + summary.failed == 0) {
      System.out.println("NO TEST RAN");
      summary.failed++;
    }
    System.out.printf("%d passed, %d failed, %d skipped%n", summary.passed, summary.failed, summary.skipped);
    System.exit(summary.failed == 0 ? 0 : 1);
  }

  private static boolean isReport(Path path) {
    String folder = path.getParent().getFileName().toString();
    String name = path.getFileName().toString();
    return (folder.equals("surefire-reports") || folder.equals("failsafe-reports"))
        && name.startsWith("TEST-")
        && name.endsWith(".xml");
  }

  private void add(Path report) throws Exception {
    NodeList cases =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report.toFile()).getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      add((Element) cases.item(i));
    }
  }

  private void add(Element test) throws IOException {
    String name = test.getAttribute("classname").replaceFirst("^dev\\.millrace\\.", "") + "." + test.getAttribute("name");
    Element failure = find(test, "failure");
    Element error = failure == null ? find(test, "error") : failure;
    Element skip = find(test, "skipped");
    if (error != null) {
      failed++;
      System.out.println("FAILED " + name);
      error.getTextContent().strip().lines().limit(12).forEach(line -> System.out.println("    " + line));
    } else if (skip != null) {
      skipped++;
      System.out.println("SKIPPED " + name + ": " + reason(skip));
    } else {
      passed++;
    }
  }

  private static String reason(Element skip) {
    String message = skip.getAttribute("message").isEmpty() ? skip.getTextContent() : skip.getAttribute("message");
    return message.lines().findFirst().orElse("no reason given").replaceFirst("^Assumption failed: ", "");
  }

  private static Element find(Element test, String kind) {
    return (Element) test.getElementsByTagName(kind).item(0);
  }
}
