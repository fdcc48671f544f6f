package org.udge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.distribution.Distribution;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.variational.ReconstructionDistribution;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.schedule.ISchedule;
import org.udge.network.ActNormalization;

class AllowedClassesTest {

  /** What a configuration can hold by the name of a class. */
  private static final List<Class<?>> PARTS =
      List.of(
          Layer.class,
          GraphVertex.class,
          InputPreProcessor.class,
          IDropout.class,
          IWeightNoise.class,
          IWeightInit.class,
          Distribution.class,
          LayerConstraint.class,
          ReconstructionDistribution.class,
          IActivation.class,
          ILossFunction.class,
          IUpdater.class,
          ISchedule.class,
          Regularization.class);

  private static Stream<Class<?>> partsIn(Class<?> memberOfJar) {
    try (JarFile jar =
        new JarFile(
            Path.of(memberOfJar.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toFile())) {
      return jar.stream()
          .map(JarEntry::getName)
          .filter(name -> name.endsWith(".class"))
          .filter(
              name ->
                  name.matches(
                      "org/deeplearning4j/nn/(conf|weights)/(?!.*serde).*"
                          + "|org/nd4j/linalg/(activations|learning|lossfunctions|schedule)/.*"))
          .map(name -> name.replace(".class", "").replace('/', '.'))
          .map(AllowedClassesTest::find)
          .filter(type -> PARTS.stream().anyMatch(part -> part.isAssignableFrom(type)))
          .filter(type -> !Modifier.isAbstract(type.getModifiers()) && !type.isAnonymousClass())
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Class<?> find(String name) {
    try {
      return Class.forName(name, false, AllowedClassesTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void all_parts_of_networks_that_deeplearning4j_brings_are_allowed() {
    List<Class<?>> parts =
        Stream.concat(partsIn(DenseLayer.class), partsIn(IUpdater.class)).toList();
    assertThat(parts).hasSizeGreaterThan(150);
    assertThat(parts).allMatch(part -> AllowedClasses.defaults().contains(part.getName()));
  }

  @Test
  void our_own_layers_are_allowed() {
    assertThat(AllowedClasses.defaults().contains(ActNormalization.class.getName())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Evil",
        "java.lang.Thread",
        "javax.naming.InitialContext",
        "org.deeplearning4j.nn.conf.layers",
        "org.deeplearning4j.nn.conf.layersX.DenseLayer",
        "org.deeplearning4j.nn.conf.layers.more.DenseLayer",
        "org.deeplearning4j.util.ModelSerializer",
        "org.nd4j.linalg.factory.Nd4j",
        "org.udge.EnergyModel",
        "org.udge.network.Architecture<java.lang.Thread>",
        "[Lorg.deeplearning4j.nn.conf.layers.DenseLayer;",
        "org.deeplearning4j.nn.conf.layers.DenseLayer ",
        "org/deeplearning4j/nn/conf/layers/DenseLayer"
      })
  void other_names_are_not(String name) {
    assertThat(AllowedClasses.defaults().contains(name)).isFalse();
  }

  @Test
  void a_class_is_added_alone() {
    AllowedClasses more = AllowedClasses.defaults().with(Stream.class).with(Path.class);
    assertThat(more.contains("java.util.stream.Stream")).isTrue();
    assertThat(more.contains("java.nio.file.Path")).isTrue();
    assertThat(more.contains("java.nio.file.Files")).isFalse();
    assertThat(AllowedClasses.defaults().contains("java.nio.file.Path")).isFalse();
  }

  @Test
  void refusals_do_not_repeat_endless_names() {
    assertThat(AllowedClasses.refusal("x\n".repeat(100_000)))
        .hasSizeLessThan(1000)
        .doesNotContain("\n");
  }
}
