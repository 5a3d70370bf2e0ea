package io.tidemark.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;

/** The modules, what they are called in packages, and who may import whom. */
enum Modules {
  COMMON("common"),
  FRONTEND("frontend", COMMON),
  META("meta", COMMON),
  EXECUTOR("executor", COMMON),
  TOXIPROXY("toxiproxy"),
  LAUNCHER("launcher", COMMON, FRONTEND, META, EXECUTOR, TOXIPROXY);

  static final String ROOT = "io.tidemark";

  /** Main code of all modules. */
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  private final String name;
  private final List<Modules> imports;

  Modules(String name, Modules... imports) {
    this.name = name;
    this.imports = List.of(imports);
  }

  String packages() {
    return ROOT + "." + name + "..";
  }

  /** Classes of this module import none of Tidemark but its own and those it may. */
  ArchRule boundary() {
    return importsOnly(imports);
  }

  /** As {@link #boundary}, with other modules than it may import. */
  ArchRule importsOnly(List<Modules> others) {
    var allowed =
        Stream.concat(Stream.of(this), others.stream())
            .map(Modules::packages)
            .toArray(String[]::new);
    return noClasses()
        .that(resideInAPackage(packages()))
        .should()
        .dependOnClassesThat(tidemark().and(DescribedPredicate.not(resideInAnyPackage(allowed))))
        .because(name + " may import " + (others.isEmpty() ? "no other module" : others));
  }

  private static DescribedPredicate<JavaClass> tidemark() {
    return resideInAPackage(ROOT + "..");
  }
}
