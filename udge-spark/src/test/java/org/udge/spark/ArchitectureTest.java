package org.udge.spark;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Programs stand on scoring, judging and training, which know nothing of each other. */
class ArchitectureTest {

  private static final String ROOT = "org.udge.spark.";

  @Test
  void packages_use_only_packages_below_them() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("commands")
        .definedBy(ROOT + "commands..")
        .optionalLayer("scoring")
        .definedBy(ROOT + "scoring..")
        .optionalLayer("evaluation")
        .definedBy(ROOT + "evaluation..")
        .optionalLayer("training")
        .definedBy(ROOT + "training..")
        .layer("data")
        .definedBy(ROOT + "data..")
        .layer("internal")
        .definedBy(ROOT + "internal..")
        .whereLayer("commands")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("scoring")
        .mayOnlyBeAccessedByLayers("commands")
        .whereLayer("evaluation")
        .mayOnlyBeAccessedByLayers("commands", "training")
        .whereLayer("training")
        .mayOnlyBeAccessedByLayers("commands")
        .whereLayer("data")
        .mayOnlyBeAccessedByLayers("commands", "scoring", "evaluation", "training", "internal")
        .whereLayer("internal")
        .mayOnlyBeAccessedByLayers("commands", "scoring", "evaluation", "training")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.udge.spark"));
  }
}
