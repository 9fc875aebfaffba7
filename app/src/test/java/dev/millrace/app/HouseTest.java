package dev.millrace.app;

import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethod;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The rules of the house, on the class files of every module: who may import whom, and what nobody
 * does. A rule that a piece has to break gets an entry here, with the reason.
 */
class HouseTest {
  private static final String ROOT = "dev.millrace.";

  /** Modules by floor, the lowest first: each may import all floors below its own. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("base", "incremental", "sexp", "spec", "opam", "solver", "ocaml", "oci"),
          List.of("engine.core", "engine.web", "engine.program", "builder"),
          List.of("plugins.git", "plugins.github"),
          List.of("services.cikit", "services.ocamlci", "services.solver"),
          List.of("app"));

  /** What a module imports of its own floor; "base" is open to all. */
  private static final Map<String, Set<String>> NEIGHBOURS =
      Map.of(
          "spec", Set.of("sexp"),
          "solver", Set.of("opam"),
          "engine.web", Set.of("engine.core"),
          "engine.program", Set.of("engine.core", "engine.web"),
          "services.ocamlci", Set.of("services.cikit"),
          "services.solver", Set.of("services.cikit"));

  /**
   * Modules whose public signatures name types of a library, and which.
   *
   * <ul>
   *   <li>app: nobody imports it; picocli reads its classes.
   *   <li>engine.program: its options are for a program's own command line, which is picocli's.
   *   <li>engine.core: the registry of metrics is one for the whole process, and every library that
   *       reports takes that type; one of our own would only hide it.
   * </ul>
   */
  private static final Map<String, Set<String>> FOREIGN_SIGNATURES =
      Map.of(
          "app", Set.of("picocli"),
          "engine.program", Set.of("picocli"),
          "engine.core", Set.of("io.prometheus.metrics.model.registry"));

  /** Read what the JVM knows of the machine (architecture, kernel, user): facts, not settings. */
  private static final Set<String> READ_MACHINE_FACTS =
      Set.of(
          "dev.millrace.base.Sqlite",
          "dev.millrace.builder.KernelVersion",
          "dev.millrace.builder.Machine",
          "dev.millrace.builder.UserIds",
          "dev.millrace.services.ocamlci.Machine");

  private static JavaClasses house;
  private static JavaClasses tests;

  @BeforeAll
  static void importEverything() throws IOException {
    house = read("target/classes");
    tests = read("target/test-classes");
  }

  private static JavaClasses read(String folder) throws IOException {
    Path root = Path.of(System.getProperty("millrace.root"));
    try (Stream<Path> poms = Files.find(root, 3, (path, _) -> path.endsWith("pom.xml"))) {
      return new ClassFileImporter()
          .importPaths(
              poms.map(pom -> pom.resolveSibling(folder)).filter(Files::isDirectory).toList());
    }
  }

  @Test
  void theRulesSeeEveryModule() {
    Set<String> seen =
        house.stream().map(HouseTest::module).collect(Collectors.toCollection(TreeSet::new));

    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(FLOORS.stream().flatMap(List::stream).toList());
    assertThat(house.size()).as("classes seen").isGreaterThan(50);
    assertThat(tests.size()).as("test classes seen").isGreaterThan(10);
  }

  @Test
  void modulesImportLowerFloorsAndTheNeighboursTheyName() {
    classes().should(importOnlyWhatTheirModuleMay()).check(house);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("dev.millrace.(**)").should().beFreeOfCycles().check(house);
  }

  @Test
  void internalPackagesAreTheirModulesOwn() {
    classes()
        .should(
            eachDependency(
                "reach into another module's internal package",
                dependency -> {
                  JavaClass target = dependency.getTargetClass();
                  return target.getPackageName().contains(".internal")
                      && !module(target).equals(module(dependency.getOriginClass()));
                }))
        .check(house);
  }

  @Test
  void everyPackageIsNullMarked() {
    for (JavaClasses classes : List.of(house, tests)) {
      Set<String> unmarked =
          classes.stream()
              .filter(type -> !type.getPackage().isAnnotatedWith(NullMarked.class))
              .map(JavaClass::getPackageName)
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(unmarked).as("packages without @NullMarked in package-info.java").isEmpty();
    }
  }

  @Test
  void publicSignaturesShowTheJdkAndOurselvesOnly() {
    // Templates become public classes of the template engine's making; nobody calls them by hand.
    classes()
        .that()
        .haveSimpleNameNotEndingWith("Generated")
        .should(showNoForeignTypes())
        .check(house);
  }

  @Test
  void onlyCommandLinesPrint() {
    noClasses()
        .that(areNotOf("app", "engine.program"))
        .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
        .check(house);
  }

  @Test
  void onlyCommandLinesReadTheEnvironment() {
    noClasses()
        .that(areNotOf("app", "engine.program"))
        .should(callMethod(System.class, "getenv"))
        .orShould(callMethod(System.class, "getenv", String.class))
        .orShould(callMethod(System.class, "exit", int.class))
        .check(house);
    classes()
        .that(areNotOf("app"))
        .should(
            eachAccess(
                "read system properties",
                access ->
                    access.getTargetOwner().isEquivalentTo(System.class)
                        && access.getName().equals("getProperty")
                        && !READ_MACHINE_FACTS.contains(access.getOriginOwner().getFullName())))
        .check(house);
  }

  @Test
  void logsGoToSlf4j() {
    noClasses().should(GeneralCodingRules.USE_JAVA_UTIL_LOGGING).check(house);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.commons.logging..", "org.apache.log4j..", "ch.qos.logback..")
        .check(house);
  }

  @Test
  void failuresHaveTypes() {
    noClasses().should(GeneralCodingRules.THROW_GENERIC_EXCEPTIONS).check(house);
  }

  @Test
  void timeAndChanceEnterFromOutside() {
    Set<String> forbidden =
        Set.of(
            "java.lang.Thread.sleep",
            "java.lang.System.currentTimeMillis",
            "java.lang.Math.random",
            "java.time.Instant.now",
            "java.time.LocalDate.now",
            "java.time.LocalDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.OffsetDateTime.now",
            "java.time.Clock.systemUTC",
            "java.time.Clock.systemDefaultZone",
            "java.util.concurrent.ThreadLocalRandom.current");
    for (JavaClasses classes : List.of(house, tests)) {
      classes().should(notCall("ask the machine for time or chance", forbidden)).check(classes);
    }
    classes()
        .should(
            eachAccess(
                "make a random generator without a seed",
                access ->
                    access.getTargetOwner().getFullName().equals("java.util.Random")
                        && access.getName().equals("<init>")
                        && access.getTarget()
                            instanceof
                            com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget call
                        && call.getRawParameterTypes().isEmpty()))
        .check(house);
  }

  @Test
  void threadsHaveOwners() {
    noClasses().should().dependOnClassesThat().areAssignableTo(ThreadLocal.class).check(house);
    classes()
        .should(
            eachAccess(
                "hand work to threads that nobody owns",
                access ->
                    Set.of("runAsync", "supplyAsync", "commonPool", "parallelStream")
                            .contains(access.getName())
                        || (access.getName().equals("parallel")
                            && access
                                .getTargetOwner()
                                .getPackageName()
                                .equals("java.util.stream"))))
        .check(house);
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.Timer")
        .check(house);
  }

  @Test
  void nothingIsMocked() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.mockito..", "org.easymock..", "org.powermock..", "io.mockk..")
        .check(tests);
  }

  @Test
  void namesSayWhatIsSpecial() {
    noClasses()
        .should()
        .haveNameMatching(".*(Impl|Util|Utils|Helper|Helpers|Manager)(\\$.*)?")
        .check(house);
  }

  // The module of a class: the longest known module name that its package begins with, or the
  // package itself, which theRulesSeeEveryModule then reports.
  private static String module(JavaClass type) {
    String name = type.getPackageName();
    if (!(name + ".").startsWith(ROOT)) {
      return name;
    }
    String inside = (name + ".").substring(ROOT.length());
    return FLOORS.stream()
        .flatMap(List::stream)
        .filter(module -> inside.startsWith(module + "."))
        .findFirst()
        .orElse(name);
  }

  private static int floor(String module) {
    for (int i = 0; i < FLOORS.size(); i++) {
      if (FLOORS.get(i).contains(module)) {
        return i;
      }
    }
    return FLOORS.size();
  }

  private static boolean mayImport(String from, String to) {
    return from.equals(to)
        || to.equals("base")
        || floor(to) < floor(from)
        || NEIGHBOURS.getOrDefault(from, Set.of()).contains(to);
  }

  private static ArchCondition<JavaClass> importOnlyWhatTheirModuleMay() {
    return eachDependency(
        "import a module that theirs may not",
        dependency -> {
          JavaClass target = dependency.getTargetClass().getBaseComponentType();
          return (target.getPackageName() + ".").startsWith(ROOT)
              && !mayImport(module(dependency.getOriginClass()), module(target));
        });
  }

  private static DescribedPredicate<JavaClass> areNotOf(String... modules) {
    return DescribedPredicate.describe(
        "are not of " + String.join(", ", modules),
        type -> !List.of(modules).contains(module(type)));
  }

  private static ArchCondition<JavaClass> eachDependency(
      String what, java.util.function.Predicate<Dependency> isForbidden) {
    return new ArchCondition<>("not " + what) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getDirectDependenciesFromSelf().stream()
            .filter(isForbidden)
            .forEach(
                dependency ->
                    events.add(SimpleConditionEvent.violated(type, dependency.getDescription())));
      }
    };
  }

  private static ArchCondition<JavaClass> eachAccess(
      String what, java.util.function.Predicate<JavaAccess<?>> isForbidden) {
    return new ArchCondition<>("not " + what) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getAccessesFromSelf().stream()
            .filter(isForbidden)
            .forEach(
                access -> events.add(SimpleConditionEvent.violated(type, access.getDescription())));
      }
    };
  }

  private static ArchCondition<JavaClass> notCall(String what, Set<String> methods) {
    return eachAccess(
        what,
        access -> methods.contains(access.getTargetOwner().getFullName() + "." + access.getName()));
  }

  private static ArchCondition<JavaClass> showNoForeignTypes() {
    return new ArchCondition<>("show only types of the JDK and of Millrace in public signatures") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        // Templates are generated as public classes, and only the code beside them calls them.
        boolean isTemplate = type.getSimpleName().matches("Jte\\w+Generated");
        if (!isPublic(type) || isTemplate || type.getPackageName().contains(".internal")) {
          return;
        }
        List<JavaType> shown = new ArrayList<>(type.getInterfaces());
        type.getSuperclass().ifPresent(shown::add);
        report(type, type.getFullName(), shown, events);
        for (JavaField field : type.getFields()) {
          if (isShown(field.getModifiers())) {
            report(type, field.getFullName(), List.of(field.getType()), events);
          }
        }
        for (JavaCodeUnit unit : type.getCodeUnits()) {
          if (isShown(unit.getModifiers())) {
            List<JavaType> types = new ArrayList<>(unit.getParameterTypes());
            types.add(unit.getReturnType());
            types.addAll(unit.getExceptionTypes());
            report(type, unit.getFullName(), types, events);
          }
        }
      }
    };
  }

  private static void report(
      JavaClass type, String member, List<JavaType> shown, ConditionEvents events) {
    shown.stream()
        .flatMap(shownType -> shownType.getAllInvolvedRawTypes().stream())
        .map(JavaClass::getBaseComponentType)
        .distinct()
        .filter(foreign -> isForeign(type, foreign))
        .forEach(
            foreign ->
                events.add(
                    SimpleConditionEvent.violated(
                        type, "%s shows %s".formatted(member, foreign.getFullName()))));
  }

  private static boolean isForeign(JavaClass type, JavaClass shown) {
    String name = shown.getFullName();
    return !shown.isPrimitive()
        && !name.startsWith("java.")
        && !name.startsWith("javax.")
        && !name.startsWith(ROOT)
        && FOREIGN_SIGNATURES.getOrDefault(module(type), Set.of()).stream()
            .noneMatch(library -> name.startsWith(library + "."));
  }

  private static boolean isShown(Set<JavaModifier> modifiers) {
    return !modifiers.contains(JavaModifier.SYNTHETIC)
        && (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED));
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(HouseTest::isPublic).orElse(true);
  }
}
