package org.udge.evaluation.robustness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.udge.evaluation.EvaluationFixtures.golden;

import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.EvaluationFixtures;
import org.udge.evaluation.Metric;
import org.udge.evaluation.Models;
import org.udge.evaluation.Models.MemorySource;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class RobustnessTest {

  private static final RandomStreams STREAMS = RandomStreams.of(3);

  private final EnergyModel model = Models.smooth();
  private final INDArray images = Models.images(12, 5);

  /** Labels the model gives: every image is right before the attack. */
  private int[] predicted() {
    return model.predict(images).labels();
  }

  @Test
  void five_linf_steps_give_the_golden_images() {
    assertGolden(
        ProjectedGradient.linf(8 / 255.).withStepSize(2 / 255.).withSteps(5).withRandomStart(false),
        "pgd_linf");
  }

  @Test
  void five_l2_steps_give_the_golden_images() {
    assertGolden(
        ProjectedGradient.l2(0.5).withStepSize(0.1).withSteps(5).withRandomStart(false), "pgd_l2");
  }

  private static void assertGolden(ProjectedGradient attack, String name) {
    INDArray x = golden("x");
    try (EnergyModel golden = Models.golden()) {
      AdversarialImages found = attack.perturb(golden, x, golden("y").toIntVector(), STREAMS);
      INDArray expected = golden(name).mul(2).sub(1);
      double difference = found.images().sub(expected).norm2Number().doubleValue();
      double change = expected.sub(x).norm2Number().doubleValue();
      assertThat(difference).isLessThan(1e-4 * expected.norm2Number().doubleValue());
      assertThat(difference).isLessThan(1e-2 * change);
    }
  }

  @Test
  void stays_in_the_ball_and_in_the_range_of_pixels() {
    for (ProjectedGradient attack :
        new ProjectedGradient[] {
          ProjectedGradient.linf(0.1), ProjectedGradient.l2(0.3), ProjectedGradient.linf(0.6)
        }) {
      AdversarialImages found = attack.perturb(model, images, predicted(), STREAMS);
      for (int i = 0; i < found.size(); i++) {
        assertThat(found.distance(i)).isPositive().isLessThan(attack.epsilon() + 1e-6);
      }
      assertThat(found.images().maxNumber().doubleValue()).isLessThanOrEqualTo(1);
      assertThat(found.images().minNumber().doubleValue()).isGreaterThanOrEqualTo(-1);
    }
  }

  @Test
  void leaves_the_images_it_gets_alone() {
    INDArray before = images.dup();
    ProjectedGradient.linf(0.1).perturb(model, images, predicted(), STREAMS);
    assertThat(images).isEqualTo(before);
  }

  @Test
  void fast_gradient_is_one_signed_step() {
    AdversarialImages found =
        ProjectedGradient.fastGradient(PerturbationNorm.LINF, 0.01)
            .perturb(model, images, predicted(), STREAMS);
    INDArray change = found.images().sub(images);
    assertThat(change.amaxNumber().doubleValue()).isCloseTo(0.02, within(1e-6));
    assertThat(loss(found.images())).isGreaterThan(loss(images));
  }

  private double loss(INDArray attacked) {
    Logits logits = model.logits(attacked);
    int[] labels = predicted();
    return IntStream.range(0, labels.length)
        .mapToDouble(i -> -logits.logProbability(i, labels[i]))
        .sum();
  }

  @Test
  void more_steps_climb_higher_than_one() {
    ProjectedGradient attack = ProjectedGradient.linf(0.05).withRandomStart(false);
    INDArray one =
        ProjectedGradient.fastGradient(PerturbationNorm.LINF, 0.05)
            .perturb(model, images, predicted(), STREAMS)
            .images();
    INDArray many = attack.withSteps(30).perturb(model, images, predicted(), STREAMS).images();
    assertThat(loss(many)).isGreaterThanOrEqualTo(loss(one) - 1e-4).isGreaterThan(loss(images));
  }

  @Test
  void random_starts_come_from_the_streams() {
    ProjectedGradient attack = ProjectedGradient.l2(0.3).withSteps(1);
    INDArray first = attack.perturb(model, images, predicted(), STREAMS).images();
    assertThat(attack.perturb(model, images, predicted(), STREAMS).images()).isEqualTo(first);
    assertThat(attack.perturb(model, images, predicted(), RandomStreams.of(4)).images())
        .isNotEqualTo(first);
  }

  @Test
  void restarts_never_fool_fewer() {
    int one = fooled(ProjectedGradient.linf(0.08).withSteps(2));
    int many = fooled(ProjectedGradient.linf(0.08).withSteps(2).withRestarts(6));
    assertThat(many).isGreaterThanOrEqualTo(one);
  }

  private int fooled(ProjectedGradient attack) {
    AdversarialImages found = attack.perturb(model, images, predicted(), STREAMS);
    Logits logits = model.logits(found.images());
    int[] labels = predicted();
    int count = 0;
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.fooled(i)).isEqualTo(logits.argMax(i) != labels[i]);
      count += found.fooled(i) ? 1 : 0;
    }
    return count;
  }

  @Test
  void no_distance_at_all_changes_nothing() {
    AdversarialImages found =
        ProjectedGradient.linf(0).perturb(model, images, predicted(), STREAMS);
    assertThat(found.images()).isEqualTo(images);
    assertThat(found.fooled(0)).isFalse();
  }

  @Test
  void gradient_through_langevin_refinement_equals_finite_differences() {
    LangevinRefinement refinement = LangevinRefinement.of(model, 3).withStepSize(2).withNoise(0.05);
    float[] direction = new float[(int) images.length()];
    STREAMS.stream("direction").fillGaussian(direction);
    INDArray v = HostImages.array(direction, images.shape());
    // d/dt of the summed log p(x) of refined images along v, two ways.
    double h = 5e-3;
    double numeric =
        (refinedDensity(refinement, images.add(v.mul(h)))
                - refinedDensity(refinement, images.sub(v.mul(h))))
            / (2 * h);
    Refinement.Refined refined = refinement.refine(images, random());
    INDArray through = refined.pullBack(model.energyGradient(refined.images()).neg());
    INDArray around = model.energyGradient(refined.images()).neg();
    double analytic = through.mul(v).sumNumber().doubleValue();
    assertThat(analytic).isCloseTo(numeric, within(2e-2 * Math.abs(numeric)));
    assertThat(Math.abs(around.mul(v).sumNumber().doubleValue() - numeric))
        .isGreaterThan(5 * Math.abs(analytic - numeric));
  }

  private static RandomStream random() {
    return STREAMS.stream("noise");
  }

  private double refinedDensity(Refinement refinement, INDArray start) {
    double sum = 0;
    for (double value : model.logDensity(refinement.refine(start, random()).images())) {
      sum += value;
    }
    return sum;
  }

  @Test
  void langevin_refinement_goes_down_in_energy() {
    Refinement.Refined refined =
        LangevinRefinement.of(model, 5).withStepSize(1).withNoise(0).refine(images, random());
    double[] before = model.energy(images);
    double[] after = model.energy(refined.images());
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isLessThan(before[i]);
    }
  }

  @Test
  void noise_adds_noise_of_that_deviation() {
    INDArray noisy = Refinement.noise(0.1).refine(images, random()).images();
    assertThat(noisy.sub(images).stdNumber().doubleValue()).isCloseTo(0.1, within(0.01));
  }

  @Test
  void expectation_over_noise_attacks_the_noisy_classifier() {
    ProjectedGradient attack = ProjectedGradient.linf(0.05).withRandomStart(false);
    AdversarialImages found =
        attack
            .withSteps(4)
            .withRefinement(Refinement.noise(0.1), 4)
            .perturb(model, images, predicted(), STREAMS);
    assertThat(loss(found.images())).isGreaterThan(loss(images));
  }

  @Test
  void says_how_the_gradient_deals_with_refinement() {
    ProjectedGradient attack = ProjectedGradient.linf(0.05);
    assertThat(attack.describe())
        .isEqualTo("LINF, 10 steps of 2.5 epsilon / 10 from random starts, 1 try");
    assertThat(attack.withStepSize(0.01).describe())
        .isEqualTo("LINF, 10 steps of 0.01 regardless of epsilon from random starts, 1 try");
    assertThat(ProjectedGradient.fastGradient(PerturbationNorm.L2, 1).describe())
        .isEqualTo("L2, 1 step of epsilon from the image, 1 try");
    assertThat(attack.withRefinement(LangevinRefinement.of(model, 1), 4).describe())
        .endsWith("gradient through refinement, 4 draws");
    assertThat(attack.withRefinement(Refinement.around((x, random) -> x), 1).describe())
        .endsWith("gradient around (robustness may be overstated) refinement, 1 draws");
  }

  @Test
  void curve_falls_with_epsilon_and_distances_fit_to_it() {
    MemorySource set = new MemorySource("set", HostImages.copy(images), predicted());
    RobustnessEvaluator evaluator =
        RobustnessEvaluator.of(ProjectedGradient.linf(0.1).withSteps(5), STREAMS)
            .withEpsilons(0, 0.02, 0.05, 0.3);
    RobustnessResult result =
        Evaluation.of(model).with(evaluator).withBatchSize(5).run(set).get(evaluator);
    assertThat(result.curve().get(0).accuracy()).isEqualTo(1);
    for (int e = 1; e < 4; e++) {
      RobustnessPoint point = result.curve().get(e);
      assertThat(point.accuracy()).isLessThanOrEqualTo(result.curve().get(e - 1).accuracy());
      long within = result.distances().stream().filter(d -> d <= point.epsilon() + 1e-6).count();
      assertThat(within).isGreaterThanOrEqualTo(point.images() - point.correct());
    }
    assertThat(result.curve().get(3).accuracy()).isZero();
    assertThat(result.distanceQuantile(0.5)).isPresent();
    assertThat(Collections.max(result.distances())).isLessThan(0.3);
    assertThat(result.metrics("test"))
        .extracting(Metric::key)
        .contains("test/attack_linf/accuracy_at_0.02", "test/attack_linf/median_distance");
    assertThat(result.toString()).contains("12 images", "upper bound", "median");
    assertThat(EvaluationFixtures.json(result.toJson()).get("curve")).hasSize(4);
  }

  @Test
  void shortest_perturbations_are_just_long_enough() {
    int[] labels = predicted();
    MemorySource set = new MemorySource("set", HostImages.copy(images), labels);
    RobustnessEvaluator evaluator =
        RobustnessEvaluator.of(ProjectedGradient.l2(2).withSteps(5), STREAMS);
    RobustnessResult coarse =
        Evaluation.of(model)
            .with(evaluator.withDistanceSteps(0))
            .run(set)
            .get(evaluator.withDistanceSteps(0));
    RobustnessResult fine = Evaluation.of(model).with(evaluator).run(set).get(evaluator);
    assertThat(fine.meanDistanceOfFooled().orElseThrow())
        .isLessThan(coarse.meanDistanceOfFooled().orElseThrow());
  }

  @Test
  void wrong_images_need_no_perturbation() {
    int[] wrong = IntStream.of(predicted()).map(label -> (label + 1) % 3).toArray();
    MemorySource set = new MemorySource("set", HostImages.copy(images), wrong);
    RobustnessEvaluator evaluator = RobustnessEvaluator.of(ProjectedGradient.linf(0.1), STREAMS);
    RobustnessResult result = Evaluation.of(model).with(evaluator).run(set).get(evaluator);
    assertThat(result.curve()).extracting(RobustnessPoint::correct).containsOnly(0L);
    assertThat(result.distanceQuantile(0.5)).hasValue(0);
    assertThat(result.meanDistanceOfFooled()).isEmpty();
  }

  @Test
  void merged_parts_equal_the_whole() {
    int[] labels = predicted();
    RobustnessEvaluator evaluator =
        RobustnessEvaluator.of(ProjectedGradient.linf(0.03).withRandomStart(false), STREAMS);
    Accumulator<RobustnessResult> whole = evaluator.begin();
    Accumulator<RobustnessResult> other = evaluator.begin();
    EvaluationBatch batch = EvaluationBatch.of(model, images, labels);
    whole.update(batch);
    whole.update(batch);
    other.update(batch);
    Accumulator<RobustnessResult> first = evaluator.begin();
    first.update(batch);
    first.merge(other);
    assertThat(first.compute()).isEqualTo(whole.compute());
  }

  @Test
  void equal_settings_are_equal_objects() {
    ProjectedGradient attack = ProjectedGradient.linf(0.1).withSteps(3).withRestarts(2);
    ProjectedGradient same = ProjectedGradient.linf(0.1).withRestarts(2).withSteps(3);
    assertThat(attack).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(attack).isNotEqualTo(same.withSteps(4));
    RobustnessEvaluator evaluator = RobustnessEvaluator.of(attack, STREAMS).withEpsilons(0, 1);
    assertThat(evaluator)
        .isEqualTo(RobustnessEvaluator.of(same, STREAMS).withEpsilons(0, 1))
        .isNotEqualTo(evaluator.withDistanceSteps(0));
    LangevinRefinement refinement = LangevinRefinement.of(model, 2).withNoise(0.1);
    assertThat(refinement)
        .isEqualTo(LangevinRefinement.of(model, 2).withNoise(0.1))
        .isNotEqualTo(refinement.withStepSize(2));
  }

  @Test
  void refuses_bad_settings() {
    ProjectedGradient attack = ProjectedGradient.linf(0.1);
    assertThatThrownBy(() -> attack.withEpsilon(-1))
        .hasMessage("epsilon must not be negative, was -1.0");
    assertThatThrownBy(() -> attack.withSteps(0)).hasMessage("steps must be at least 1, was 0");
    assertThatThrownBy(() -> attack.withStepSize(0))
        .hasMessage("step size must be positive and finite, was 0.0");
    assertThatThrownBy(() -> attack.withRestarts(0))
        .hasMessage("restarts must be at least 1, was 0");
    assertThatThrownBy(() -> attack.withRefinement(Refinement.noise(1), 0))
        .hasMessage("samples must be at least 1, was 0");
    assertThatThrownBy(() -> Refinement.noise(0))
        .hasMessage("deviation must be positive and finite, was 0.0");
    assertThatThrownBy(() -> LangevinRefinement.of(model, 0))
        .hasMessage("steps must be at least 1, was 0");
    assertThatThrownBy(() -> LangevinRefinement.of(model, 1).withStepSize(-1))
        .hasMessage("step size must be positive and finite, was -1.0");
    assertThatThrownBy(() -> LangevinRefinement.of(model, 1).withNoise(-1))
        .hasMessage("noise must not be negative, was -1.0");
    RobustnessEvaluator evaluator = RobustnessEvaluator.of(attack, STREAMS);
    assertThatThrownBy(() -> evaluator.withEpsilons())
        .hasMessage("there must be at least one epsilon");
    assertThatThrownBy(() -> evaluator.withEpsilons(0.2, 0.1))
        .hasMessage("epsilons must be ascending, each only once, were [0.2, 0.1]");
    assertThatThrownBy(() -> evaluator.withEpsilons(-0.2))
        .hasMessage("epsilons must not be negative, were [-0.2]");
    assertThatThrownBy(() -> evaluator.withDistanceSteps(-1))
        .hasMessage("distance steps must be at least 0, was -1");
    assertThatThrownBy(() -> evaluator.begin().compute())
        .hasMessage("no image was attacked: the set is empty");
  }

  @Test
  void refuses_images_out_of_range() {
    assertThatThrownBy(
            () -> ProjectedGradient.linf(0.1).perturb(model, images.mul(9), predicted(), STREAMS))
        .hasMessageStartingWith("pixels must be in [-1, 1] to be attacked, one is ");
  }

  @Test
  void refuses_too_few_labels() {
    assertThatThrownBy(
            () -> ProjectedGradient.linf(0.1).perturb(model, images, new int[2], STREAMS))
        .hasMessage("there must be a label for each image: [12, 2, 5, 4], 2 labels");
  }

  @Test
  void refuses_a_refinement_that_changes_the_shape() {
    Refinement bad = Refinement.around((x, random) -> Models.images(1, 1));
    assertThatThrownBy(() -> bad.refine(images, random()))
        .hasMessage("refinement changed the shape to [1, 2, 5, 4]");
  }
}
