package io.tidemark.architecture;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.annotation.Annotation;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** DESIGN §5, held: who may import whom, and what a core may know. */
class ModuleBoundariesTest {
  private static final String[] CORES = {"io.tidemark.meta.core..", "io.tidemark.executor.core.."};

  private static final ArchRule CORES_ARE_PURE =
      pure("io.vertx..", "java.sql..", "java.io..", "java.nio..", "java.net..", "org.slf4j..");

  private static final ArchRule CORES_HAVE_NO_CLOCK =
      noClasses()
          .that(resideInAnyPackage(CORES))
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(Clock.class, Random.class, Thread.class);

  /**
   * A node whose clock is an hour off does no harm: only the database's counts. A Toxiproxy server
   * has none, and tells the time in its log.
   */
  private static final ArchRule NOBODY_READS_A_WALL_CLOCK =
      noClasses()
          .that(resideOutsideOfPackage(TidemarkModule.TOXIPROXY.packages()))
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethodWhere(
              target(nameMatching("now")).and(target(owner(resideInAPackage("java.time..")))))
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(Clock.class, Date.class);

  @ParameterizedTest
  @FieldSource("io.tidemark.architecture.TidemarkModule#ALL")
  void aModuleImportsOnlyWhatItMay(TidemarkModule module) {
    module.boundary().check(TidemarkModule.CLASSES);
  }

  @Test
  void everyClassBelongsToAModule() {
    assertThat(TidemarkModule.CLASSES)
        .allMatch(
            it ->
                TidemarkModule.ALL.stream()
                    .anyMatch(module -> resideInAPackage(module.packages()).test(it)));
  }

  @Test
  void theCoresOfMetaAndExecutorArePure() {
    CORES_ARE_PURE.check(TidemarkModule.CLASSES);
    CORES_HAVE_NO_CLOCK.check(TidemarkModule.CLASSES);
  }

  @Test
  void nobodyReadsAWallClock() {
    NOBODY_READS_A_WALL_CLOCK.check(TidemarkModule.CLASSES);
  }

  @Test
  void noNameSaysNothing() {
    noClasses()
        .should()
        .haveNameMatching(".*(Utils?|Helpers?|Managers?|Impl)")
        .check(TidemarkModule.CLASSES);
  }

  @Test
  void noMethodIsCalledGet() {
    noMethods()
        .that(are(namedHere()))
        .should()
        .haveNameMatching("get[A-Z].*")
        .check(TidemarkModule.CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(packagesWithout(NullMarked.class)).isEmpty();
  }

  /** Rules that are wrong on purpose: a test that cannot fail holds nothing. */
  @Test
  void wrongRulesFindViolations() {
    assertThat(violated(TidemarkModule.EXECUTOR.importsOnly(List.of()))).isTrue();
    assertThat(violated(TidemarkModule.FRONTEND.importsOnly(List.of(TidemarkModule.META))))
        .isTrue();
    assertThat(violated(pure("io.tidemark.common.."))).isTrue();
    assertThat(violated(noClasses().should().haveNameMatching(".*Verticle"))).isTrue();
    assertThat(violated(noMethods().should().haveNameMatching("view"))).isTrue();
    assertThat(packagesWithout(Deprecated.class)).contains("io.tidemark.common.bus");
  }

  /** Not those that implement what a library named. */
  private static DescribedPredicate<JavaMethod> namedHere() {
    return DescribedPredicate.describe(
        "named here",
        method ->
            Stream.concat(
                    method.getOwner().getAllRawSuperclasses().stream(),
                    method.getOwner().getAllRawInterfaces().stream())
                .flatMap(type -> type.getMethods().stream())
                .noneMatch(inherited -> inherited.getName().equals(method.getName())));
  }

  private static boolean violated(ArchRule rule) {
    return rule.evaluate(TidemarkModule.CLASSES).hasViolation();
  }

  private static ArchRule pure(String... forbidden) {
    return noClasses()
        .that(resideInAnyPackage(CORES))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden);
  }

  private static List<String> packagesWithout(Class<? extends Annotation> annotation) {
    return TidemarkModule.CLASSES.getPackage(TidemarkModule.ROOT).getSubpackagesInTree().stream()
        .filter(it -> !it.getClasses().isEmpty())
        .filter(it -> !it.isAnnotatedWith(annotation))
        .map(JavaPackage::getName)
        .sorted()
        .toList();
  }
}
