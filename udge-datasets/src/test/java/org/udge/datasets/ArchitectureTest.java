package org.udge.datasets;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Made images stand on sources, sources on formats and on what is published. */
class ArchitectureTest {

  private static final String ROOT = "org.udge.datasets";

  @Test
  void packages_use_only_packages_below_them() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("synthetic")
        .definedBy(ROOT + ".synthetic")
        .layer("datavec")
        .definedBy(ROOT + ".datavec")
        .layer("sources")
        .definedBy(ROOT)
        .layer("download")
        .definedBy(ROOT + ".download")
        .layer("formats")
        .definedBy(ROOT + ".formats")
        .whereLayer("synthetic")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("datavec")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("sources")
        .mayOnlyBeAccessedByLayers("synthetic", "datavec")
        .whereLayer("download")
        .mayOnlyBeAccessedByLayers("sources")
        .whereLayer("formats")
        .mayOnlyBeAccessedByLayers("sources", "download")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(ROOT));
  }
}
