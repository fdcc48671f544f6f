package org.udge.datasets;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.udge.PublicSignatures;

/** Made images stand on sources, sources on formats and on what is published. */
class ArchitectureTest {

  private static final String ROOT = "org.udge.datasets";

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

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
        .check(classes);
  }

  /** Users need neither library, and may have any version of them. */
  @Test
  void public_signatures_have_no_types_of_jackson_or_guava() {
    assertThat(PublicSignatures.foreignTypes(classes)).isEmpty();
  }
}
