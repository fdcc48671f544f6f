package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.engine.QuadraticEngine;
import org.udge.published.PublishedHabit;
import org.udge.random.RandomStreams;
import org.udge.sampling.Langevin;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;
import org.udge.sampling.Replay;
import org.udge.state.State;

class LangevinTermsTest {

  private static final ImageShape SHAPE = new ImageShape(1, 2, 2);
  private static final QuadraticEngine ENGINE =
      new QuadraticEngine(new double[] {0, 0}, new double[] {-0.5, 0.5}, new double[] {1, 1});
  private static final MarginalSGLD MARGINAL =
      MarginalSGLD.ofDefaults()
          .withLangevin(Langevin.ofSteps(30).withStepSize(0.1))
          .withReplay(Replay.ofSize(60))
          .withBatchSize(20);

  private static final Set<PublishedHabit> MARGINAL_ENERGY =
      Set.of(PublishedHabit.MARGINAL_ENERGY_OF_CONDITIONAL_SAMPLES);

  private static LossSetup setup() {
    return LossSetup.of(2, SHAPE, RandomStreams.of(1));
  }

  private static SampleContext context(long step, int... labels) {
    return SampleContext.of(ENGINE, labels, step, RandomStreams.of(2));
  }

  private static double[][] logits(int rows, int seed) {
    return LossFixtures.randomLogits(rows, 5, seed);
  }

  @Test
  void marginal_value_is_the_difference_of_mean_log_sums() {
    Logits data = Logits.of(new double[][] {{1, 2}, {0, 0}});
    Logits samples = Logits.of(new double[][] {{3, 1}});
    LossInput input =
        LossInput.none()
            .with(ImageGroup.UNLABELED, data, -1, -1)
            .with(ImageGroup.SAMPLED, samples, -1);
    double ofData = (Math.log(Math.E + Math.exp(2)) + Math.log(2)) / 2;
    double ofSamples = Math.log(Math.exp(3) + Math.E);
    LossValue value = MARGINAL.begin(setup()).evaluate(input);
    assertThat(value.value()).isCloseTo(ofSamples - ofData, within(1e-12));
    assertThat(value.metrics().get("energy_data")).isCloseTo(-ofData, within(1e-12));
    assertThat(value.metrics().get("energy_samples")).isCloseTo(-ofSamples, within(1e-12));
    assertThat(value.metrics().get("energy_gap")).isCloseTo(ofData - ofSamples, within(1e-12));
    assertThat(value.metrics().get("energy_penalty")).isZero();
  }

  @Test
  void conditional_value_is_the_difference_of_mean_logits_of_the_labels() {
    Logits data = Logits.of(new double[][] {{1, 2}, {5, 0}});
    Logits samples = Logits.of(new double[][] {{3, 1}, {-4, 7}});
    LossInput input =
        LossInput.none()
            .with(ImageGroup.LABELED, data, 1, 0)
            .with(ImageGroup.SAMPLED, samples, 1, 0);
    LossValue value = ConditionalSGLD.ofDefaults().begin(setup()).evaluate(input);
    assertThat(value.value()).isCloseTo((1 - 4) / 2.0 - (2 + 5) / 2.0, within(1e-12));
    assertThat(value.metrics().get("energy_data")).isEqualTo(-3.5);
    assertThat(value.metrics().get("energy_samples")).isEqualTo(1.5);
    assertThat(value.metrics().get("energy_gap")).isEqualTo(5);
  }

  @Test
  void conditional_value_with_marginal_energies_forgets_the_labels() {
    Logits data = Logits.of(new double[][] {{1, 2}, {5, 0}});
    Logits samples = Logits.of(new double[][] {{3, 1}, {-4, 7}});
    LossInput input =
        LossInput.none()
            .with(ImageGroup.LABELED, data, 1, 0)
            .with(ImageGroup.SAMPLED, samples, 1, 0);
    LossValue value =
        ConditionalSGLD.ofDefaults().begin(setup().withHabits(MARGINAL_ENERGY)).evaluate(input);
    // log(e + e^2), log(e^5 + 1); log(e^3 + e), log(e^-4 + e^7)
    double ofData = (2.3132616875182230 + 5.0067153484891179) / 2;
    double ofSamples = (3.1269280110429727 + 7.0000167015600) / 2;
    assertThat(value.value()).isCloseTo(ofSamples - ofData, within(1e-9));
  }

  @Test
  void penalty_adds_the_weighted_mean_squares_of_energies() {
    Logits data = Logits.of(new double[][] {{1, 2}, {5, 0}});
    Logits samples = Logits.of(new double[][] {{3, 1}});
    LossInput input =
        LossInput.none().with(ImageGroup.LABELED, data, 1, 0).with(ImageGroup.SAMPLED, samples, 1);
    ConditionalSGLD term = ConditionalSGLD.ofDefaults();
    double plain = term.begin(setup()).evaluate(input).value();
    LossValue penalized = term.withEnergyPenalty(0.1).begin(setup()).evaluate(input);
    assertThat(penalized.value()).isCloseTo(plain + 0.1 * ((4 + 25) / 2.0 + 1), within(1e-12));
    assertThat(penalized.metrics().get("energy_penalty")).isCloseTo(1.55, within(1e-12));
  }

  @Test
  void gradients_agree_with_finite_differences() {
    for (double penalty : new double[] {0, 0.3}) {
      LossSetup setup = LossSetup.of(5, SHAPE, RandomStreams.of(1));
      LossGradientCheck.of(MARGINAL.withEnergyPenalty(penalty).begin(setup))
          .group(ImageGroup.UNLABELED, logits(4, 1), -1, -1, 2, -1)
          .group(ImageGroup.SAMPLED, logits(3, 2), -1, -1, -1)
          .passes(1e-8);
      for (Set<PublishedHabit> habits : List.of(Set.<PublishedHabit>of(), MARGINAL_ENERGY)) {
        ConditionalSGLD term = ConditionalSGLD.ofDefaults().withEnergyPenalty(penalty);
        LossGradientCheck.of(term.begin(setup.withHabits(habits)))
            .group(ImageGroup.LABELED, logits(4, 3), 0, 4, 2, 2)
            .group(ImageGroup.SAMPLED, logits(4, 4), 0, 4, 2, 2)
            .passes(1e-8);
      }
    }
  }

  @Test
  void samples_have_lower_energy_than_the_noise_they_start_from() {
    LossSetup setup = setup();
    SamplingLoss run = MARGINAL.begin(setup);
    SamplingLoss still =
        MARGINAL.withLangevin(Langevin.ofSteps(1).withStepSize(1e-6).withNoise(0)).begin(setup());
    double start = meanEnergy(still.draw(context(0)).images());
    double end = meanEnergy(run.draw(context(0)).images());
    assertThat(end).isLessThan(start - 0.5);
  }

  private static double meanEnergy(INDArray images) {
    Logits logits = logitsOf(ENGINE, images);
    double sum = 0;
    for (int i = 0; i < logits.rows(); i++) {
      sum -= logits.logSumExp(i);
    }
    return sum / logits.rows();
  }

  @Test
  void chains_go_on_from_step_to_step() {
    MarginalSGLD persistent = MARGINAL.withReplay(Replay.ofSize(20).withReinitialization(0));
    SamplingLoss run =
        persistent
            .withLangevin(Langevin.ofSteps(2).withStepSize(0.05).withNoise(0.001))
            .begin(setup());
    double first = meanEnergy(run.draw(context(0)).images());
    double last = first;
    for (int step = 1; step < 15; step++) {
      last = meanEnergy(run.draw(context(step)).images());
    }
    assertThat(last).isLessThan(first - 0.3);
  }

  @Test
  void conditional_samples_carry_the_labels_of_the_batch_and_move_to_their_class() {
    SamplingLoss run =
        ConditionalSGLD.ofDefaults()
            .withLangevin(Langevin.ofSteps(60).withStepSize(0.1))
            .withReplay(Replay.ofSize(40))
            .begin(setup());
    int[] labels = {1, 0, 0, 1};
    Batch samples = run.draw(context(0, labels));
    assertThat(samples.labels()).containsExactly(labels);
    for (int i = 0; i < 4; i++) {
      assertThat(samples.images().slice(i).meanNumber().doubleValue())
          .isCloseTo(labels[i] == 0 ? -0.5 : 0.5, within(0.1));
    }
  }

  @Test
  void class_conditional_marginal_samples_are_of_classes_drawn_uniformly() {
    SamplingLoss run =
        MARGINAL
            .withClassConditional(true)
            .withBatchSize(200)
            .withReplay(Replay.ofSize(1_000))
            .begin(setup());
    Batch samples = run.draw(context(0));
    long ones = 0;
    for (int i = 0; i < 200; i++) {
      double mean = samples.images().slice(i).meanNumber().doubleValue();
      assertThat(mean > 0).as("image %s has mean %s", i, mean).isEqualTo(samples.labels()[i] == 1);
      ones += samples.labels()[i];
    }
    assertThat(ones).isBetween(65L, 135L);
  }

  @Test
  void a_step_with_more_images_of_a_class_than_slots_is_drawn() {
    SamplingLoss run =
        ConditionalSGLD.ofDefaults()
            .withLangevin(Langevin.ofSteps(60).withStepSize(0.1))
            .withReplay(Replay.ofSize(4))
            .begin(setup());
    int[] labels = {1, 1, 1, 1, 1, 0};
    for (int step = 0; step < 2; step++) {
      Batch samples = run.draw(context(step, labels));
      assertThat(samples.labels()).containsExactly(labels);
      for (int i = 0; i < labels.length; i++) {
        assertThat(samples.images().slice(i).meanNumber().doubleValue())
            .isCloseTo(labels[i] == 0 ? -0.5 : 0.5, within(0.1));
      }
    }
    assertThat(filled(run)).contains(2, 3);
    assertThat(
            MARGINAL
                .withClassConditional(true)
                .withReplay(Replay.ofSize(2))
                .begin(setup())
                .draw(context(0))
                .size())
        .isEqualTo(20);
  }

  @Test
  void marginal_samples_are_unlabeled() {
    assertThat(MARGINAL.begin(setup()).draw(context(0)).labels())
        .containsOnly(Batch.UNLABELED)
        .hasSize(20);
  }

  @Test
  void a_restored_run_draws_the_same_samples() {
    SamplingLoss run = MARGINAL.begin(setup());
    run.draw(context(0));
    run.adjust(new Remedy.MoreSteps(1.5));
    run.adjust(new Remedy.EnergyPenalty(0.2));
    run.adjust(new Remedy.ClampSamples(-1, 1));
    State state = run.captureState();
    INDArray expected = run.draw(context(1)).images().dup();
    run.draw(context(2));
    run.adjust(new Remedy.MoreSteps(3));
    run.restoreState(state);
    assertThat(run.draw(context(1)).images()).isEqualTo(expected);
    SamplingLoss other = MARGINAL.begin(setup());
    other.restoreState(state);
    assertThat(other.draw(context(1)).images()).isEqualTo(expected);
    assertThat(other.captureState().getState("remedies")).isEqualTo(state.getState("remedies"));
    assertThat(other.evaluate(zeros()).metrics().get("energy_penalty"))
        .isCloseTo(0.2 * 2 * Math.pow(Math.log(2), 2), within(1e-12));
  }

  /** Energies of data and samples are -log 2. */
  private static LossInput zeros() {
    return LossInput.none()
        .with(ImageGroup.UNLABELED, Logits.of(new double[][] {{0, 0}}), -1)
        .with(ImageGroup.SAMPLED, Logits.of(new double[][] {{0, 0}}), -1);
  }

  @Test
  void settings_of_the_restored_term_hold() {
    MarginalSGLD changed =
        MARGINAL
            .withLangevin(Langevin.ofSteps(7).withStepSize(0.1).withSampleBounds(-0.1, 0.1))
            .withEnergyPenalty(3);
    SamplingLoss run = MARGINAL.begin(setup());
    run.draw(context(0));
    SamplingLoss resumed = changed.begin(setup());
    resumed.restoreState(run.captureState());
    assertThat(resumed.draw(context(1)).images().amaxNumber().doubleValue())
        .isCloseTo(0.1, within(1e-6));
    assertThat(resumed.evaluate(zeros()).metrics().get("energy_penalty"))
        .isCloseTo(3 * 2 * Math.pow(Math.log(2), 2), within(1e-12));
    assertThat(resumed.adjust(new Remedy.MoreSteps(2))).contains("Langevin steps 7 -> 14");
  }

  @Test
  void remedies_are_taken_again_on_the_settings_of_the_restored_term() {
    SamplingLoss run = MARGINAL.begin(setup());
    run.adjust(new Remedy.LowerRate(0.5));
    run.adjust(new Remedy.MoreSteps(1.5));
    run.adjust(new Remedy.MoreSteps(1.5));
    run.adjust(new Remedy.EnergyPenalty(0.1));
    run.adjust(new Remedy.ClampGradients(0.5));
    run.adjust(new Remedy.ClampSamples(-1, 1));
    State state = run.captureState();
    Langevin own = Langevin.ofSteps(3).withStepSize(0.1).withGradientLimit(0.2);
    SamplingLoss resumed = MARGINAL.withLangevin(own).withEnergyPenalty(0.05).begin(setup());
    resumed.restoreState(state);
    assertThat(resumed.captureState()).isEqualTo(state);
    assertThat(resumed.evaluate(zeros()).metrics().get("energy_penalty"))
        .isCloseTo(0.1 * 2 * Math.pow(Math.log(2), 2), within(1e-12));
    assertThat(resumed.adjust(new Remedy.ClampGradients(0.5)))
        .contains("gradients of samples clamped to 0.2");
    assertThat(resumed.adjust(new Remedy.MoreSteps(2))).contains("Langevin steps 8 -> 16");
  }

  @Test
  void every_remedy_survives_a_state() {
    List<Remedy> remedies =
        List.of(
            new Remedy.MoreSteps(2),
            new Remedy.LowerRate(0.5),
            new Remedy.EnergyPenalty(0.1),
            new Remedy.ClampSamples(-1, 2),
            new Remedy.ClampGradients(3));
    assertThat(Remedy.restore(Remedy.capture(remedies))).isEqualTo(remedies);
  }

  @Test
  void refuses_a_state_that_does_not_say_what_the_remedies_were() {
    State state = State.builder().put("penalty", 0.0).put("chains", State.empty()).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MARGINAL.begin(setup()).restoreState(state))
        .withMessage(
            "the state of marginal_sgld has no entry 'remedies', only State[penalty, chains]:"
                + " it was written by another version of this library; start the run again");
  }

  @Test
  void refuses_a_state_with_a_remedy_of_another_kind() {
    State prayer = State.builder().put("kind", "prayer").build();
    State state = State.builder().put("count", 1).put("0", prayer).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Remedy.restore(state))
        .withMessageStartingWith("state entry 'kind' is 'prayer', expected more_steps,");
  }

  @Test
  void fresh_streams_draw_other_samples() {
    SamplingLoss run = MARGINAL.begin(setup());
    State state = run.captureState();
    INDArray first = run.draw(context(0)).images().dup();
    run.restoreState(state);
    SampleContext child =
        SampleContext.of(ENGINE, new int[0], 0, RandomStreams.of(2).child("after rollback 1"));
    assertThat(run.draw(child).images()).isNotEqualTo(first);
  }

  @Test
  void class_conditional_terms_with_equal_settings_share_a_buffer() {
    LossSetup setup = setup();
    Replay replay = Replay.ofSize(1_000);
    SamplingLoss first = MARGINAL.withClassConditional(true).withReplay(replay).begin(setup);
    SamplingLoss second = ConditionalSGLD.ofDefaults().withReplay(replay).begin(setup);
    SamplingLoss alone = MARGINAL.withReplay(replay).begin(setup);
    second.draw(context(0, 0, 1, 1));
    assertThat(filled(first)).hasSize(3);
    assertThat(filled(alone)).isEmpty();
    assertThat(second.captureState().getState("chains").has("buffer")).isFalse();
  }

  private static long[] filled(SamplingLoss run) {
    return run.captureState().getState("chains").getState("buffer").getLongs("slots");
  }

  @Test
  void remedies_say_what_they_changed() {
    SamplingLoss run = MARGINAL.begin(setup());
    assertThat(run.adjust(new Remedy.MoreSteps(1.5))).contains("Langevin steps 30 -> 45");
    assertThat(run.adjust(new Remedy.EnergyPenalty(0.1))).contains("energy penalty 0.1");
    assertThat(run.adjust(new Remedy.ClampGradients(0.5)))
        .contains("gradients of samples clamped to 0.5");
    assertThat(run.adjust(new Remedy.ClampSamples(-1, 1)))
        .contains("samples clamped to [-1.0, 1.0]");
    assertThat(run.adjust(new Remedy.LowerRate(0.5))).isEqualTo(Optional.empty());
  }

  @Test
  void remedies_change_the_samples() {
    SamplingLoss run = MARGINAL.begin(setup());
    State state = run.captureState();
    QuadraticEngine engine = QuadraticEngine.normal(3, 1);
    SampleContext context = SampleContext.of(engine, new int[0], 0, RandomStreams.of(2));
    SamplingLoss oneClass = MARGINAL.begin(LossSetup.of(1, SHAPE, RandomStreams.of(1)));
    assertThat(oneClass.draw(context).images().maxNumber().doubleValue()).isGreaterThan(2);
    oneClass.adjust(new Remedy.ClampSamples(-1, 1));
    assertThat(oneClass.draw(context).images().maxNumber().doubleValue()).isEqualTo(1);
    LossInput input =
        LossInput.none()
            .with(ImageGroup.UNLABELED, Logits.of(new double[][] {{0}}), -1)
            .with(ImageGroup.SAMPLED, Logits.of(new double[][] {{0}}), -1);
    assertThat(oneClass.evaluate(input).metrics().get("sample_saturation")).isGreaterThan(0.9);
    assertThat(state).isEqualTo(run.captureState());
  }

  /** The whole chain of signs: sampler, term, gradient descent. */
  @Test
  void descending_the_term_moves_the_model_onto_the_data() {
    float[] pixels = new float[64 * 4];
    RandomStreams.of(4).stream("data").fillUniform(pixels, 0.2, 1.2);
    INDArray data = Nd4j.createFromArray(pixels).reshape(64, 1, 2, 2);
    SamplingLoss run =
        MarginalSGLD.ofDefaults()
            .withLangevin(Langevin.ofSteps(20).withStepSize(0.1).withTemperature(1))
            .withReplay(Replay.ofSize(200))
            .begin(LossSetup.of(1, SHAPE, RandomStreams.of(1)));
    double center = -1;
    for (int step = 0; step < 60; step++) {
      QuadraticEngine engine = QuadraticEngine.normal(center, 1);
      INDArray samples =
          run.draw(SampleContext.of(engine, new int[0], step, RandomStreams.of(2))).images();
      int[] unlabeled = new int[64];
      Arrays.fill(unlabeled, Batch.UNLABELED);
      LossValue value =
          run.evaluate(
              LossInput.none()
                  .with(ImageGroup.UNLABELED, logitsOf(engine, data), unlabeled)
                  .with(ImageGroup.SAMPLED, logitsOf(engine, samples), unlabeled));
      double gradient =
          centerGradient(value.gradient(ImageGroup.UNLABELED).orElseThrow(), data, center)
              + centerGradient(value.gradient(ImageGroup.SAMPLED).orElseThrow(), samples, center);
      center -= 0.05 * gradient;
    }
    assertThat(center).isCloseTo(0.7, within(0.15));
  }

  /** By the chain rule, with f(x) = -||x - center||^2 / 2. */
  private static double centerGradient(double[][] logitGradient, INDArray images, double center) {
    double sum = 0;
    for (int i = 0; i < logitGradient.length; i++) {
      double pixels = images.slice(i).sumNumber().doubleValue();
      sum += logitGradient[i][0] * (pixels - SHAPE.size() * center);
    }
    return sum;
  }

  private static Logits logitsOf(Engine engine, INDArray images) {
    return Logits.of(engine.forward(images, Mode.EVALUATION).logits());
  }

  @Test
  void energy_of_a_loss_is_a_sum_over_chains() {
    LossFunction crossEntropy = CrossEntropy.ofDefaults().begin(setup());
    var energy = LossEnergy.of(crossEntropy, ImageGroup.LABELED, 0, 1, 1);
    Logits logits = Logits.of(new double[][] {{1, 2}, {0, 3}, {-1, 0.5}});
    var value = energy.evaluate(logits);
    int[] labels = {0, 1, 1};
    for (int i = 0; i < 3; i++) {
      assertThat(value.energies()[i])
          .isCloseTo(-logits.logProbability(i, labels[i]), within(1e-12));
      for (int c = 0; c < 2; c++) {
        double expected = (c == labels[i] ? 1 : 0) - logits.probabilities(i)[c];
        assertThat(value.scores()[i][c]).isCloseTo(expected, within(1e-12));
      }
    }
  }

  @Test
  void contrastive_energy_moves_chains_to_the_label_it_is_given() {
    LossFunction contrast =
        ConditionalContrastive.ofDefaults()
            .withQueue(NegativeQueueSettings.ofDefaults().withCapacity(8))
            .begin(setup());
    contrast.remember(
        LossInput.ofLabeled(Logits.of(LossFixtures.randomLogits(8, 2, 9)), 0, 1, 0, 1, 0, 1, 0, 1));
    INDArray images = MARGINAL.begin(setup()).draw(context(0)).images();
    int[] labels = new int[20];
    for (int i = 0; i < 20; i++) {
      labels[i] = i % 2;
    }
    var energy = LossEnergy.of(contrast, ImageGroup.LABELED, labels);
    var before = energy.evaluate(logitsOf(ENGINE, images));
    LangevinSampler.of(ENGINE, Langevin.ofSteps(40).withStepSize(0.05).withNoise(0))
        .run(images, energy, NoiseSource.of(RandomStreams.of(3).stream("contrast")));
    var after = energy.evaluate(logitsOf(ENGINE, images));
    for (int i = 0; i < 20; i++) {
      assertThat(after.energies()[i]).isLessThan(before.energies()[i]);
    }
  }

  @Test
  void names_and_groups() {
    assertThat(MARGINAL.name()).isEqualTo("marginal_sgld");
    assertThat(MARGINAL.groups())
        .containsExactlyInAnyOrder(ImageGroup.UNLABELED, ImageGroup.SAMPLED);
    assertThat(ConditionalSGLD.ofDefaults().name()).isEqualTo("conditional_sgld");
    assertThat(ConditionalSGLD.ofDefaults().groups())
        .containsExactlyInAnyOrder(ImageGroup.LABELED, ImageGroup.SAMPLED);
  }

  @Test
  void refuses_conditional_samples_for_a_step_without_labels() {
    SamplingLoss run = ConditionalSGLD.ofDefaults().begin(setup());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run.draw(context(0)))
        .withMessage("conditional_sgld needs labeled images, the step has none");
  }

  @Test
  void refuses_a_buffer_smaller_than_the_number_of_classes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConditionalSGLD.ofDefaults().withReplay(Replay.ofSize(1)).begin(setup()))
        .withMessage("a replay buffer of 1 has no room for 2 classes");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> MARGINAL.withClassConditional(true).withReplay(Replay.ofSize(1)).begin(setup()))
        .withMessage("a replay buffer of 1 has no room for 2 classes");
  }

  @Test
  void refuses_an_empty_batch() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MARGINAL.withBatchSize(0))
        .withMessage("batch size must be at least 1, was 0");
  }

  @Test
  void refuses_a_negative_penalty() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MARGINAL.withEnergyPenalty(-1))
        .withMessage("energy penalty must be finite and not negative, was -1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConditionalSGLD.ofDefaults().withEnergyPenalty(Double.NaN))
        .withMessage("energy penalty must be finite and not negative, was NaN");
  }

  @Test
  void refuses_a_negative_step() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> context(-1))
        .withMessage("step must not be negative, was -1");
  }

  @Test
  void refuses_remedies_that_make_it_worse() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Remedy.MoreSteps(1))
        .withMessage("factor of steps must be above 1, was 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Remedy.LowerRate(1))
        .withMessage("factor of the learning rate must be in (0, 1), was 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Remedy.EnergyPenalty(0))
        .withMessage("weight must be above 0, was 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Remedy.ClampSamples(1, 1))
        .withMessage("bounds must be ascending, were 1.0 and 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Remedy.ClampGradients(0))
        .withMessage("limit must be above 0, was 0.0");
  }
}
