package io.tidemark.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;

/**
 * A module: what it is called in packages, and which others it may import.
 *
 * @param name its package under {@code io.tidemark}
 */
record TidemarkModule(String name, List<TidemarkModule> imports) {
  static final String ROOT = "io.tidemark";

  static final TidemarkModule COMMON = new TidemarkModule("common", List.of());
  static final TidemarkModule FRONTEND = new TidemarkModule("frontend", List.of(COMMON));
  static final TidemarkModule META = new TidemarkModule("meta", List.of(COMMON));
  static final TidemarkModule EXECUTOR = new TidemarkModule("executor", List.of(COMMON));
  static final TidemarkModule TOXIPROXY = new TidemarkModule("toxiproxy", List.of());
  static final TidemarkModule LAUNCHER =
      new TidemarkModule("launcher", List.of(COMMON, FRONTEND, META, EXECUTOR, TOXIPROXY));

  static final List<TidemarkModule> ALL =
      List.of(COMMON, FRONTEND, META, EXECUTOR, TOXIPROXY, LAUNCHER);

  /** Main code of all modules. */
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  String packages() {
    return ROOT + "." + name + "..";
  }

  /** Classes of this module import none of Tidemark but its own and those it may. */
  ArchRule boundary() {
    return importsOnly(imports);
  }

  /** As {@link #boundary}, with other modules than it may import. */
  ArchRule importsOnly(List<TidemarkModule> others) {
    var allowed =
        Stream.concat(Stream.of(this), others.stream())
            .map(TidemarkModule::packages)
            .toArray(String[]::new);
    return noClasses()
        .that(resideInAPackage(packages()))
        .should()
        .dependOnClassesThat(
            resideInAPackage(ROOT + "..").and(DescribedPredicate.not(resideInAnyPackage(allowed))))
        .because(name + " may import " + others.stream().map(TidemarkModule::name).toList());
  }

  @Override
  public String toString() {
    return name;
  }
}
