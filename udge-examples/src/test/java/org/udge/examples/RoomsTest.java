package org.udge.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.PrintStream;
import java.io.PrintWriter;
import org.junit.jupiter.api.Test;

/** Commands stand beside each other, on what they share. */
class RoomsTest {

  private static final String ROOT = "org.udge.examples";

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void imports_point_from_commands_to_what_they_share() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("main")
        .definedBy(ROOT)
        .layer("commands")
        .definedBy(
            ROOT + ".train..",
            ROOT + ".eval..",
            ROOT + ".score..",
            ROOT + ".attack..",
            ROOT + ".report..",
            ROOT + ".export..",
            ROOT + ".download..",
            ROOT + ".bench..",
            ROOT + ".study..",
            ROOT + ".doctor..")
        .layer("models")
        .definedBy(ROOT + ".models..")
        .layer("cli")
        .definedBy(ROOT + ".cli..")
        .layer("plots")
        .definedBy(ROOT + ".plots..")
        .whereLayer("main")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("commands")
        .mayOnlyBeAccessedByLayers("main")
        .whereLayer("models")
        .mayOnlyBeAccessedByLayers("main", "commands")
        .whereLayer("cli")
        .mayOnlyBeAccessedByLayers("main", "commands", "models")
        .whereLayer("plots")
        .mayOnlyBeAccessedByLayers("main", "commands")
        .check(classes);
  }

  @Test
  void numbers_are_not_formatted_in_the_default_locale() {
    noClasses()
        .should()
        .callMethod(String.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "formatted", Object[].class)
        .orShould()
        .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(PrintStream.class, "printf", String.class, Object[].class)
        .check(classes);
  }

  @Test
  void no_two_packages_need_each_other() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(classes);
  }

  @Test
  void commands_do_not_know_each_other() {
    slices()
        .matching(ROOT + ".(train|eval|score|attack|report|export|download|bench|study)..")
        .should()
        .notDependOnEachOther()
        .check(classes);
  }
}
