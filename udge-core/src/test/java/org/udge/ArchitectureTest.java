package org.udge;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.udge.data.ImageCheck;
import org.udge.engine.Logits;
import org.udge.internal.HostImages;

/** Imports point one way, down the list; what others bring stays out of public signatures. */
class ArchitectureTest {

  /** From top to bottom; a package may use those below it. */
  private static final List<String> ORDER =
      List.of(
          "org.udge.serving..",
          "org.udge.training.report..",
          "org.udge.training",
          "org.udge.evaluation.features..",
          "org.udge.evaluation.robustness..",
          "org.udge.evaluation.detection..",
          "org.udge.evaluation.calibration..",
          "org.udge.evaluation",
          "org.udge.loss..",
          "org.udge.sampling..",
          "org.udge",
          "org.udge.interop..",
          "org.udge.engine.onednn..",
          "org.udge.engine.graph..",
          "org.udge.engine.nodes..",
          "org.udge.engine",
          "org.udge.network..",
          "org.udge.data..",
          "org.udge.random..",
          "org.udge.state..",
          "org.udge.published..",
          "org.udge.internal..");

  /** Methods of ND4J's buffers that give memory away. */
  private static final Set<String> ADDRESSES =
      Set.of(
          "address",
          "addressPointer",
          "pointer",
          "opaqueBuffer",
          "asNio",
          "asNioDouble",
          "asNioFloat",
          "asNioInt",
          "asNioLong",
          "getDoublesAt");

  private static final DescribedPredicate<JavaMethodCall> TAKES_AN_ADDRESS =
      DescribedPredicate.describe(
          "takes the address of an array",
          call ->
              call.getTargetOwner().isAssignableTo(DataBuffer.class)
                  && ADDRESSES.contains(call.getName()));

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.udge");

  @Test
  void packages_use_only_packages_below_them() {
    var architecture = layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (String name : ORDER) {
      architecture = architecture.layer(name).definedBy(name);
    }
    for (int i = 0; i < ORDER.size(); i++) {
      String[] above = ORDER.subList(0, i).toArray(String[]::new);
      architecture =
          above.length == 0
              ? architecture.whereLayer(ORDER.get(i)).mayNotBeAccessedByAnyLayer()
              : architecture.whereLayer(ORDER.get(i)).mayOnlyBeAccessedByLayers(above);
    }
    architecture.check(classes);
  }

  /** Files and messages are the same wherever the program runs. */
  @Test
  void nothing_is_formatted_in_the_default_locale() {
    noClasses()
        .should()
        .callMethod(String.class, "format", String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "formatted", Object[].class)
        .orShould()
        .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
        .orShould()
        .callMethod(String.class, "toLowerCase")
        .orShould()
        .callMethod(String.class, "toUpperCase")
        .check(classes);
  }

  /**
   * An address, or a buffer over one, does not keep its array: who takes one holds the array until
   * the end, as {@link HostImages#keeping} does. Others ask these classes.
   */
  @Test
  void only_few_classes_take_addresses_of_arrays() {
    noClasses()
        .that(
            not(belongToAnyOf(HostImages.class, ImageCheck.class, Logits.class))
                .and(not(simpleName("HostArrays")))
                .and(not(simpleName("HostRows")))
                .and(not(simpleName("SampleChains")))
                // Compares addresses, and reads nothing there.
                .and(not(simpleName("NetworkReader"))))
        .should(callMethodWhere(TAKES_AN_ADDRESS))
        .check(classes);
  }

  /** Users need neither library, and may have any version of them. */
  @Test
  void public_signatures_have_no_types_of_jackson_or_guava() {
    assertThat(PublicSignatures.foreignTypes(classes)).isEmpty();
  }

  @Test
  void finds_foreign_types_within_type_arguments_and_protected_members() {
    JavaClasses bad = new ClassFileImporter().importClasses(PublicSignatures.Leaking.class);
    assertThat(PublicSignatures.foreignTypes(bad))
        .containsExactlyInAnyOrder(
            "org.udge.PublicSignatures$Leaking: com.google.common.collect.ImmutableList",
            "org.udge.PublicSignatures$Leaking: com.fasterxml.jackson.databind.JsonNode");
  }
}
