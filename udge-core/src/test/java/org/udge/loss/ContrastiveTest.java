package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.udge.loss.LossFixtures.randomLabels;
import static org.udge.loss.LossFixtures.randomLogits;
import static org.udge.loss.LossFixtures.setup;
import static org.udge.loss.LossFixtures.step;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.engine.Logits;
import org.udge.published.PublishedHabit;
import org.udge.random.RandomStreams;
import org.udge.state.State;

class ContrastiveTest {

  private static final NegativeQueueSettings QUEUE =
      NegativeQueueSettings.ofDefaults().withCapacity(256);
  private static final ConditionalContrastive CONDITIONAL =
      ConditionalContrastive.ofDefaults().withQueue(QUEUE);
  private static final ConditionalContrastive PAPER = CONDITIONAL.withForm(ContrastiveForm.PAPER);
  private static final MarginalContrastive MARGINAL =
      MarginalContrastive.ofDefaults().withQueue(QUEUE);

  static Stream<Named<LossTerm>> terms() {
    return Stream.concat(contrasts(), Stream.of(named(MARGINAL.withEnergyPenalty(0.3))));
  }

  /** Those without a penalty. */
  static Stream<Named<LossTerm>> contrasts() {
    return Stream.of(
            CONDITIONAL,
            CONDITIONAL.withSmoothing(0.1),
            CONDITIONAL.withMaxLogit(3),
            CONDITIONAL.withMaxLogit(3).withSmoothing(0.2),
            PAPER,
            PAPER.withSmoothing(0.1),
            PAPER.withMaxLogit(3).withTemperature(1),
            MARGINAL,
            MARGINAL.withMaxLogit(3).withTemperature(0.7))
        .map(ContrastiveTest::named);
  }

  private static Named<LossTerm> named(LossTerm term) {
    return Named.of(term.toString(), term);
  }

  // Agreement with numbers computed elsewhere

  @Test
  void conditional_agrees_with_golden() {
    assertGolden(CONDITIONAL, "contrast_reference", "contrast_reference_grad_logits");
  }

  @Test
  void conditional_agrees_with_golden_when_smoothed() {
    assertGolden(
        CONDITIONAL.withSmoothing(0.1),
        "contrast_reference_smooth0.1",
        "contrast_reference_grad_logits_smooth0.1");
  }

  @Test
  void conditional_agrees_with_golden_in_the_form_of_the_paper() {
    assertGolden(PAPER, "contrast_paper", "contrast_paper_grad_logits");
  }

  @Test
  void marginal_agrees_with_golden() {
    assertGolden(
        MARGINAL, "contrast_marginal_reference", "contrast_marginal_reference_grad_logits");
  }

  private static void assertGolden(LossTerm term, String value, String gradient) {
    LossFunction function = term.begin(setup(10));
    function.remember(LossFixtures.goldenQueue());
    ImageGroup group = term.groups().iterator().next();
    LossFixtures.assertGolden(function.evaluate(LossFixtures.goldenStep()), group, value, gradient);
  }

  @ParameterizedTest
  @MethodSource("terms")
  void gradient_agrees_with_finite_differences(LossTerm term) {
    LossFunction function = term.begin(setup(6));
    function.remember(randomStep(100, 6, 1));
    ImageGroup group = term.groups().iterator().next();
    LossGradientCheck.of(function)
        .group(group, randomLogits(4, 6, 2), randomLabels(4, 6, 2))
        .passes(1e-8);
  }

  @ParameterizedTest
  @MethodSource("terms")
  void value_agrees_with_the_formula_spelled_out(LossTerm term) {
    LossFunction function = term.begin(setup(6));
    List<double[]> negatives = new ArrayList<>();
    for (int batch = 0; batch < 9; batch++) {
      double[][] logits = randomLogits(50, 6, batch);
      function.remember(step(logits, new int[50]));
      negatives.addAll(Arrays.asList(logits));
    }
    double[][] images = randomLogits(4, 6, 99);
    int[] labels = randomLabels(4, 6, 99);
    double expected =
        spelledOut(term, images, labels, negatives.subList(450 - 256, 450))
            + spelledOutPenalty(term, images);
    assertThat(function.evaluate(step(images, labels)).value())
        .isCloseTo(expected, within(1e-12 * expected));
  }

  private static double spelledOut(
      LossTerm term, double[][] images, int[] labels, List<double[]> negatives) {
    double sum = 0;
    for (int i = 0; i < images.length; i++) {
      double positive = exponential(term, images[i], labels[i]);
      double all = positive;
      for (double[] negative : negatives) {
        all += exponential(term, negative, labels[i]);
      }
      sum -= Math.log(positive / all);
    }
    return sum / images.length;
  }

  private static double spelledOutPenalty(LossTerm term, double[][] images) {
    double sum = 0;
    for (double[] f : images) {
      sum += Math.pow(Math.log(sumOfExponentials(f, 1, 1, 0)), 2);
    }
    return term instanceof MarginalContrastive marginal
        ? marginal.energyPenalty() * sum / images.length
        : 0;
  }

  /** exp(s_y(f) / T), straight from the documentation. */
  private static double exponential(LossTerm term, double[] f, int label) {
    if (term instanceof MarginalContrastive marginal) {
      double[] p = scaled(f, marginal.maxLogit().orElse(0));
      return Math.exp(Math.log(sumOfExponentials(p, 1, 1, 0)) / marginal.temperature());
    }
    ConditionalContrastive conditional = (ConditionalContrastive) term;
    double[] p = scaled(f, conditional.maxLogit().orElse(0));
    double on = 1 - conditional.smoothing();
    double off = conditional.smoothing() / (f.length - 1);
    double score =
        conditional.form() == ContrastiveForm.PAPER
            ? off * Arrays.stream(p).sum() + (on - off) * p[label]
            : Math.log(sumOfExponentials(p, on, off, label));
    return Math.exp(score / conditional.temperature());
  }

  private static double[] scaled(double[] f, double maxLogit) {
    if (maxLogit > 0) {
      return Arrays.stream(f).map(v -> Math.max(-maxLogit, Math.min(maxLogit, v))).toArray();
    }
    double norm = Math.sqrt(Arrays.stream(f).map(v -> v * v).sum());
    return Arrays.stream(f).map(v -> v / norm).toArray();
  }

  private static double sumOfExponentials(double[] p, double on, double off, int label) {
    double sum = 0;
    for (int c = 0; c < p.length; c++) {
      sum += Math.exp((c == label ? on : off) * p[c]);
    }
    return sum;
  }

  // The queue in the loss

  @Test
  void penalty_adds_the_weighted_mean_of_squared_energies() {
    LossInput step = step(new double[][] {{1, 2}, {5, 0}}, 0, 0);
    LossFunction plain = MARGINAL.begin(setup(2));
    LossFunction penalized = MARGINAL.withEnergyPenalty(0.1).begin(setup(2));
    plain.remember(step);
    penalized.remember(step);
    // log(e + e^2), log(e^5 + 1)
    double penalty = 0.1 * (Math.pow(2.3132616875182230, 2) + Math.pow(5.0067153484891179, 2)) / 2;
    LossValue value = penalized.evaluate(step);
    assertThat(value.value()).isCloseTo(plain.evaluate(step).value() + penalty, within(1e-12));
    assertThat(value.metrics().get("energy_penalty")).isCloseTo(penalty, within(1e-12));
    assertThat(value.metrics()).containsKeys("positive_score", "positive_first", "queue_fill");
    assertThat(plain.evaluate(step).metrics()).containsEntry("energy_penalty", 0.0);
  }

  @ParameterizedTest
  @MethodSource("contrasts")
  void first_step_has_no_negatives_and_costs_nothing(LossTerm term) {
    LossValue value = term.begin(setup(6)).evaluate(randomStep(4, 6, 1));
    assertThat(value.value()).isZero();
    assertThat(value.metrics()).containsEntry("queue_fill", 0.0);
    double[][] gradient = value.gradient(term.groups().iterator().next()).orElseThrow();
    assertThat(LossGradientCheck.distance(gradient, new double[4][6])).isZero();
  }

  @ParameterizedTest
  @MethodSource("terms")
  void bits_do_not_depend_on_how_the_queue_was_filled(LossTerm term) {
    LossFunction stepwise = term.begin(setup(6));
    NegativeQueue together = NegativeQueue.of(256, 6);
    for (int batch = 0; batch < 40; batch++) {
      LossInput step = randomStep(37, 6, batch);
      stepwise.evaluate(step);
      stepwise.remember(step);
      together.add(step.logits(ImageGroup.LABELED));
    }
    LossFunction atOnce = term.begin(setup(6));
    atOnce.restoreState(State.builder().put("queue", together.captureState()).build());

    assertSameBits(stepwise, atOnce, randomStep(5, 6, 77));
  }

  @ParameterizedTest
  @MethodSource("terms")
  void restores_a_captured_state_bit_for_bit(LossTerm term) {
    LossFunction function = term.begin(setup(6));
    for (int batch = 0; batch < 3; batch++) {
      function.remember(randomStep(50, 6, batch));
    }
    LossInput probe = randomStep(5, 6, 77);
    State captured = function.captureState();
    double before = function.evaluate(probe).value();
    for (int batch = 10; batch < 15; batch++) {
      function.remember(randomStep(70, 6, batch));
    }
    double later = function.evaluate(probe).value();

    function.restoreState(captured);
    assertThat(function.evaluate(probe).value()).isEqualTo(before).isNotEqualTo(later);
    LossFunction other = term.begin(setup(6));
    other.restoreState(captured);
    for (int batch = 10; batch < 15; batch++) {
      function.remember(randomStep(70, 6, batch));
      other.remember(randomStep(70, 6, batch));
    }
    assertThat(function.evaluate(probe).value()).isEqualTo(later);
    assertSameBits(function, other, probe);
  }

  private static void assertSameBits(LossFunction one, LossFunction other, LossInput input) {
    LossValue a = one.evaluate(input);
    LossValue b = other.evaluate(input);
    assertThat(a.value()).isEqualTo(b.value()).isPositive();
    assertThat(a.metrics()).isEqualTo(b.metrics());
    for (ImageGroup group : ImageGroup.values()) {
      assertThat(a.gradient(group).map(Arrays::deepToString))
          .isEqualTo(b.gradient(group).map(Arrays::deepToString));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33, 65, 100})
  void counts_every_negative_once_whatever_the_capacity(int capacity) {
    LossFunction function = CONDITIONAL.withQueue(QUEUE.withCapacity(capacity)).begin(setup(4));
    double[][] same = {{1, 2, 3, 4}};
    for (int count = 1; count <= 2 * capacity; count++) {
      function.remember(step(same, 0));
      assertThat(function.evaluate(step(same, 3)).value())
          .isCloseTo(Math.log(1.0 + Math.min(count, capacity)), within(1e-9));
    }
  }

  @Test
  void batch_larger_than_the_queue_leaves_its_last_images() {
    double[][] logits = randomLogits(300, 6, 1);
    LossFunction whole = CONDITIONAL.begin(setup(6));
    whole.remember(step(logits, new int[300]));
    LossFunction tail = CONDITIONAL.begin(setup(6));
    tail.remember(step(Arrays.copyOfRange(logits, 44, 300), new int[256]));
    LossInput probe = randomStep(5, 6, 77);
    double expected = tail.evaluate(probe).value();
    assertThat(whole.evaluate(probe).value()).isCloseTo(expected, within(1e-13 * expected));
  }

  @Test
  void queue_started_with_noise_is_full_and_follows_the_seed() {
    ConditionalContrastive term = CONDITIONAL.withQueue(QUEUE.withStart(QueueStart.NOISE));
    LossValue value = term.begin(setup(6)).evaluate(randomStep(4, 6, 1));
    assertThat(value.metrics()).containsEntry("queue_fill", 1.0);
    assertThat(value.value()).isPositive();
    assertThat(term.begin(setup(6)).evaluate(randomStep(4, 6, 1)).value()).isEqualTo(value.value());
    LossSetup otherSeed = setup(6).withStreams(RandomStreams.of(8));
    assertThat(term.begin(otherSeed).evaluate(randomStep(4, 6, 1)).value())
        .isNotEqualTo(value.value());
  }

  // Terms that share a queue

  @Test
  void terms_with_equal_settings_share_a_queue_that_the_first_feeds() {
    LossSetup run = setup(6);
    LossFunction conditional = CONDITIONAL.begin(run);
    LossFunction marginal =
        MARGINAL
            .withQueue(NegativeQueueSettings.ofDefaults().withCapacity(256))
            .begin(run.withStreams(RandomStreams.of(1)));
    LossInput step =
        LossInput.ofLabeled(Logits.of(randomLogits(50, 6, 1)), randomLabels(50, 6, 1))
            .with(ImageGroup.UNLABELED, Logits.of(randomLogits(20, 6, 2)), new int[20]);
    conditional.remember(step);
    marginal.remember(step);

    assertThat(queueFill(conditional, step)).isEqualTo(50 / 256.0);
    assertThat(queueFill(marginal, step)).isEqualTo(50 / 256.0);
    LossFunction alone = MARGINAL.begin(setup(6));
    alone.remember(step(randomLogits(50, 6, 1), new int[50]));
    assertThat(marginal.evaluate(step).value()).isEqualTo(alone.evaluate(step).value());
  }

  @Test
  void shared_queue_is_saved_once_and_restored_for_all() {
    LossSetup run = setup(6);
    LossFunction conditional = CONDITIONAL.begin(run);
    LossFunction marginal = MARGINAL.begin(run);
    LossInput step = randomStep(50, 6, 1);
    conditional.remember(step);
    State captured = conditional.captureState();
    assertThat(marginal.captureState()).isEqualTo(State.empty());
    double before = marginal.evaluate(step).value();

    conditional.remember(step);
    assertThat(marginal.evaluate(step).value()).isNotEqualTo(before);
    conditional.restoreState(captured);
    marginal.restoreState(State.empty());
    assertThat(marginal.evaluate(step).value()).isEqualTo(before);
  }

  @Test
  void a_queue_that_each_term_feeds_shows_the_later_term_its_own_batch() {
    MarginalContrastive first = MARGINAL.withGroup(ImageGroup.LABELED).withQueue(QUEUE);
    ConditionalContrastive second = CONDITIONAL.withQueue(QUEUE);
    LossSetup run = setup(6).withHabits(Set.of(PublishedHabit.QUEUE_FED_BY_EACH_TERM));
    LossFunction marginal = first.begin(run);
    LossFunction conditional = second.begin(run);
    double[][] images = randomLogits(4, 6, 99);
    int[] labels = randomLabels(4, 6, 99);
    LossInput step = step(images, labels);

    assertThat(marginal.evaluate(step).value()).isZero();
    marginal.remember(step);
    double expected = spelledOut(second, images, labels, List.of(images));
    assertThat(conditional.evaluate(step).value()).isCloseTo(expected, within(1e-12 * expected));
    conditional.remember(step);
    assertThat(queueFill(marginal, step)).isEqualTo(8 / 256.0);
    assertThat(conditional.captureState()).isEqualTo(State.empty());
    assertThat(marginal.captureState().has("queue")).isTrue();
  }

  @Test
  void terms_with_different_settings_have_queues_of_their_own() {
    LossSetup run = setup(6);
    LossFunction conditional = CONDITIONAL.begin(run);
    LossFunction marginal = MARGINAL.withQueue(QUEUE.withCapacity(100)).begin(run);
    LossInput step = randomStep(50, 6, 1);
    conditional.remember(step);
    marginal.remember(step);
    assertThat(queueFill(conditional, step)).isEqualTo(50 / 256.0);
    assertThat(queueFill(marginal, step)).isEqualTo(0.5);
  }

  @Test
  void runs_do_not_share_queues() {
    LossFunction one = CONDITIONAL.begin(setup(6));
    LossFunction other = CONDITIONAL.begin(setup(6));
    LossInput step = randomStep(50, 6, 1);
    one.remember(step);
    assertThat(queueFill(other, step)).isZero();
  }

  private static double queueFill(LossFunction function, LossInput input) {
    return function.evaluate(input).metrics().get("queue_fill");
  }

  // Scores, scaling, metrics

  @Test
  void gradient_is_orthogonal_to_normalized_logits() {
    LossFunction function = CONDITIONAL.begin(setup(6));
    function.remember(randomStep(100, 6, 1));
    double[][] logits = randomLogits(1, 6, 2);
    double[] gradient =
        function.evaluate(step(logits, 3)).gradient(ImageGroup.LABELED).orElseThrow()[0];
    double product = 0;
    for (int c = 0; c < 6; c++) {
      product += gradient[c] * logits[0][c];
    }
    assertThat(product).isCloseTo(0, within(1e-15));
    assertThat(gradient[3]).isNegative();
  }

  @Test
  void zero_logits_get_a_finite_value_and_no_gradient() {
    LossFunction function = CONDITIONAL.begin(setup(6));
    function.remember(step(new double[3][6], 0, 0, 0));
    LossValue value = function.evaluate(step(new double[1][6], 0));
    assertThat(value.value()).isCloseTo(Math.log(4), within(1e-14));
    assertThat(
            LossGradientCheck.distance(
                value.gradient(ImageGroup.LABELED).orElseThrow(), new double[1][6]))
        .isZero();
  }

  @Test
  void logits_beyond_the_bound_get_no_gradient() {
    LossFunction function = PAPER.withMaxLogit(2).begin(setup(3));
    function.remember(randomStep(100, 3, 1));
    double[][] gradient =
        function
            .evaluate(step(new double[][] {{1, 0, 0}, {9, 0, 0}}, 0, 0))
            .gradient(ImageGroup.LABELED)
            .orElseThrow();
    assertThat(gradient[0][0]).isNegative();
    assertThat(gradient[1]).containsExactly(new double[3], within(0.0));
  }

  @Test
  void smallest_temperature_stays_finite() {
    ConditionalContrastive term = PAPER.withTemperature(1 / 300.0);
    LossFunction function = term.begin(setup(2));
    function.remember(step(new double[][] {{-1, 0}}, 0));
    assertThat(function.evaluate(step(new double[][] {{-1, 0}}, 0)).value())
        .isCloseTo(Math.log(2), within(1e-12));
    function.remember(step(new double[][] {{1, 0}}, 0));
    assertThat(function.evaluate(step(new double[][] {{-1, 0}}, 0)).value())
        .isCloseTo(600, within(1e-9));
  }

  @Test
  void reports_scores_and_ranks() {
    LossFunction function = PAPER.begin(setup(2));
    function.remember(step(new double[][] {{3, 4}, {4, 3}}, 0, 0));
    LossValue value = function.evaluate(step(new double[][] {{0, 1}, {4, 3}}, 1, 1));
    assertThat(value.metrics().get("positive_score")).isCloseTo((1 + 0.6) / 2, within(1e-15));
    assertThat(value.metrics()).containsEntry("positive_first", 0.5);
    assertThat(value.metrics()).containsEntry("queue_fill", 2 / 256.0);
  }

  // Bad arguments

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void refuses_bad_temperature(double temperature) {
    String message = "temperature must be positive and finite, was " + temperature;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CONDITIONAL.withTemperature(temperature))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MARGINAL.withTemperature(temperature))
        .withMessage(message);
  }

  @Test
  void refuses_temperature_that_would_underflow() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CONDITIONAL.withMaxLogit(60))
        .withMessage("temperature must be at least 0.2 where scaled logits reach 60.0, was 0.1");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 301, Double.NaN, Double.POSITIVE_INFINITY})
  void refuses_bad_bound(double maxLogit) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CONDITIONAL.withMaxLogit(maxLogit))
        .withMessage("maxLogit must be above 0 and at most 300.0, was %s", maxLogit);
  }

  @Test
  void refuses_bad_smoothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CONDITIONAL.withSmoothing(1))
        .withMessage("smoothing must be in [0, 1), was 1.0");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void refuses_a_bad_penalty(double weight) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MARGINAL.withEnergyPenalty(weight))
        .withMessage("energy penalty must be finite and not negative, was " + weight);
  }

  @Test
  void refuses_smoothing_that_hides_the_label() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CONDITIONAL.withSmoothing(0.8).begin(setup(4)))
        .withMessageContaining("smoothing must be below 0.75");
  }

  @Test
  void refuses_sampled_images() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MARGINAL.withGroup(ImageGroup.SAMPLED))
        .withMessageContaining("group must be LABELED or UNLABELED")
        .withMessageContaining("was SAMPLED");
  }

  @Test
  void refuses_images_without_label_only_where_labels_matter() {
    LossInput unlabeled = step(randomLogits(2, 6, 1), 3, -1);
    assertThatIllegalStateException()
        .isThrownBy(() -> CONDITIONAL.begin(setup(6)).evaluate(unlabeled))
        .withMessage("LABELED image 1 has no label");
    assertThat(MARGINAL.begin(setup(6)).evaluate(unlabeled).value()).isZero();
  }

  private static LossInput randomStep(int rows, int classes, long seed) {
    return step(randomLogits(rows, classes, seed), randomLabels(rows, classes, seed));
  }
}
