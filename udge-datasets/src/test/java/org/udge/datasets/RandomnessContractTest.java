package org.udge.datasets;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static org.assertj.core.api.Assertions.assertThat;
import static org.udge.datasets.RandomComponents.doubles;
import static org.udge.datasets.RandomComponents.images;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.datasets.synthetic.NoiseImages;
import org.udge.engine.Engine;
import org.udge.engine.graph.GraphEngine;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.detection.OutOfDistributionEvaluator;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.evaluation.robustness.ProjectedGradient;
import org.udge.evaluation.robustness.RobustnessEvaluator;
import org.udge.loss.LossSetup;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.SamplingLoss;
import org.udge.network.ActNormalization;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.state.State;
import org.udge.state.Stateful;
import org.udge.training.TrainingSession;

/**
 * What holds for everything random: the seed alone decides the numbers, nobody else's generator is
 * touched, and what can be saved goes on with the same bits. The list of what is random is {@link
 * RandomComponents}.
 */
class RandomnessContractTest {

  /** What each component drew from seed 1 when it was asked first. */
  private static final Map<String, double[]> FIRST = new LinkedHashMap<>();

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.udge");

  static List<RandomComponents.Component> components() {
    return RandomComponents.all();
  }

  static List<RandomComponents.Training> trainings() {
    return RandomComponents.trainings();
  }

  private static double[] first(RandomComponents.Component component) {
    return FIRST.computeIfAbsent(component.name(), ignored -> component.draw().apply(1));
  }

  /** Also: the numbers ND4J's generator puts out next, and its state, are what they would be. */
  @ParameterizedTest
  @MethodSource("components")
  void the_seed_alone_decides(RandomComponents.Component component) {
    double[] expected = first(component);
    assertThat(expected).isNotEmpty();

    Random generator = Nd4j.getRandom();
    generator.setSeed(42);
    long root = generator.rootState();
    long node = generator.nodeState();
    INDArray next = Nd4j.rand(3);
    generator.setSeed(42);
    assertThat(component.draw().apply(1)).as("the same seed").isEqualTo(expected);
    assertThat(Nd4j.getRandom()).isSameAs(generator);
    assertThat(generator.rootState()).as("state of ND4J's generator").isEqualTo(root);
    assertThat(generator.nodeState()).as("state of ND4J's generator").isEqualTo(node);
    assertThat(Nd4j.rand(3)).as("next numbers of ND4J's generator").isEqualTo(next);

    assertThat(component.draw().apply(2)).as("another seed").isNotEqualTo(expected);
  }

  /** ND4J's generator is one that takes the clock for seed 0. */
  @ParameterizedTest
  @MethodSource("components")
  void seed_0_is_a_seed_like_others(RandomComponents.Component component) {
    assertThat(component.draw().apply(0))
        .isEqualTo(component.draw().apply(0))
        .isNotEqualTo(first(component));
  }

  @Test
  void drawing_from_one_never_changes_another() {
    List<RandomComponents.Component> components = components();
    components.forEach(RandomnessContractTest::first);
    Collections.reverse(components);
    for (RandomComponents.Component component : components) {
      assertThat(component.draw().apply(1)).as(component.name()).isEqualTo(first(component));
    }
  }

  // Evaluation

  @ParameterizedTest
  @MethodSource("trainings")
  void evaluation_in_between_never_changes_training(RandomComponents.Training training) {
    assertThat(training.parameters(1, RandomnessContractTest::evaluate))
        .isEqualTo(training.parameters(1));
  }

  private static void evaluate(EnergyModel model) {
    ImageSource images = Subset.first(RandomComponents.source(), 4);
    model.logits(images(4));
    Evaluation.of(model)
        .with(
            OutOfDistributionEvaluator.of(
                    OutOfDistributionScores.logDensity(), OutOfDistributionScores.approximateMass())
                .against("noise", NoiseImages.uniform(images.shape(), 4, RandomStreams.of(1))))
        .with(RobustnessEvaluator.of(ProjectedGradient.linf(0.1).withSteps(1), RandomStreams.of(1)))
        .run(images);
    LangevinSampler.of(model.engine(), Langevin.ofSteps(2))
        .run(
            images(2),
            EnergyGradient.marginal(),
            NoiseSource.of(RandomStreams.of(1).stream("langevin")));
  }

  // State

  private static Stream<DynamicTest> restores(
      String name, Stateful stateful, Supplier<double[]> draw) {
    return Stream.of(
        DynamicTest.dynamicTest(
            name,
            () -> {
              draw.get();
              State state = stateful.captureState();
              double[] expected = draw.get();
              assertThat(draw.get()).as("going on").isNotEqualTo(expected);
              stateful.restoreState(state);
              assertThat(draw.get()).as("restored").isEqualTo(expected);
            }));
  }

  @TestFactory
  Stream<DynamicTest> what_was_restored_goes_on_with_the_same_bits() {
    RandomStreams streams = RandomStreams.of(1);
    RandomStream stream = streams.stream("a");
    RandomStream draws = streams.stream("draws");
    ReplayBuffer buffer =
        ReplayBuffer.of(Replay.ofSize(12), RandomComponents.SHAPE, RandomComponents.CLASSES);
    SamplingLoss samples =
        MarginalSGLD.ofDefaults()
            .withLangevin(Langevin.ofSteps(2))
            .withReplay(Replay.ofSize(6).withReinitialization(0))
            .withBatchSize(4)
            .begin(LossSetup.of(RandomComponents.CLASSES, RandomComponents.SHAPE, streams));
    Stream<DynamicTest> sessions =
        trainings().stream()
            .flatMap(
                training -> {
                  TrainingSession session =
                      training.begin(RandomComponents.model(training.engine()), 1);
                  return restores(
                      training.name(),
                      session,
                      () -> {
                        for (int i = 0; i < 3; i++) {
                          RandomComponents.Training.step(session);
                        }
                        return doubles(session.model().graph().params());
                      });
                });
    return Stream.of(
            restores("stream", stream, () -> RandomComponents.numbers(stream)),
            restores(
                "replay buffer and its stream",
                both(buffer, draws),
                () -> RandomComponents.drawAndStore(buffer, draws)),
            restores(
                "samples of a term",
                samples,
                () -> RandomComponents.drawSamples(samples, 0, streams)),
            sessions)
        .flatMap(tests -> tests);
  }

  private static Stateful both(Stateful one, Stateful other) {
    return new Stateful() {
      @Override
      public State captureState() {
        return State.builder()
            .put("one", one.captureState())
            .put("other", other.captureState())
            .build();
      }

      @Override
      public void restoreState(State state) {
        one.restoreState(state.getState("one"));
        other.restoreState(state.getState("other"));
      }
    };
  }

  // Nothing random is forgotten

  @Test
  void every_public_class_that_takes_randomness_is_in_the_list() {
    Set<String> covered =
        components().stream()
            .flatMap(component -> component.covers().stream())
            .map(Class::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> random =
        CLASSES.stream()
            .filter(RandomnessContractTest::isPublic)
            .filter(type -> !type.getPackageName().equals(RandomStream.class.getPackageName()))
            .filter(RandomnessContractTest::takesRandomness)
            .map(JavaClass::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(random)
        .as(
            "public classes that take streams or a seed; for a new one add to"
                + " RandomComponents.all() a component that draws through it and names it in"
                + " 'covers'")
        .isEqualTo(covered);
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(RandomnessContractTest::isPublic).orElse(true);
  }

  private static boolean takesRandomness(JavaClass type) {
    return type.getCodeUnits().stream()
        .filter(unit -> unit.getModifiers().contains(JavaModifier.PUBLIC))
        .anyMatch(unit -> takesStream(unit) || takesSeed(unit));
  }

  private static boolean takesStream(JavaCodeUnit unit) {
    return unit.getRawParameterTypes().stream()
        .anyMatch(
            type ->
                type.isEquivalentTo(RandomStream.class)
                    || type.isEquivalentTo(RandomStreams.class));
  }

  /** By the names in use: a seed's setter, a set of a seed, a pass with a seed of dropout. */
  private static boolean takesSeed(JavaCodeUnit unit) {
    boolean named = Set.of("seed", "seeded").contains(unit.getName());
    boolean pass = unit.getName().equals("forward") && unit.getOwner().isAssignableTo(Engine.class);
    return (named || pass)
        && unit.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(long.class));
  }

  @Test
  void nothing_uses_other_generators() {
    ArchRuleDefinition.noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.util\\.(Random|SplittableRandom|concurrent\\.ThreadLocalRandom|random\\..*)"
                + "|java\\.security\\.SecureRandom")
        .check(CLASSES);
    ArchRuleDefinition.noClasses()
        .should()
        .callMethodWhere(
            target(owner(assignableTo(Math.class)))
                .and(target(nameMatching("random")))
                .or(
                    target(owner(assignableTo(Collections.class)))
                        .and(target(nameMatching("shuffle")))))
        .check(CLASSES);
  }

  /** Those two run Deeplearning4j's dropout, which knows no other, and put its state back. */
  @Test
  void nothing_else_uses_nd4js_generator() {
    ArchRuleDefinition.noClasses()
        .that()
        .doNotBelongToAnyOf(ActNormalization.class)
        .and()
        .doNotHaveFullyQualifiedName(GraphEngine.class.getPackageName() + ".Replica")
        .should()
        .callMethodWhere(
            target(owner(assignableTo(Nd4j.class))).and(target(nameMatching("(get)?[rR]and.*"))))
        .check(CLASSES);
  }
}
