package org.udge.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.udge.EnergyModel;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.QuadraticEngine;
import org.udge.network.Mlp;
import org.udge.random.RandomStreams;

class LangevinSamplerTest {

  private static final QuadraticEngine TWO_CLASSES =
      new QuadraticEngine(new double[] {0, 0.5}, new double[] {-0.3, 0.4}, new double[] {0.5, 2});

  private static INDArray zeros(int chains) {
    return Nd4j.zeros(DataType.FLOAT, chains, 1, 2, 2);
  }

  private static INDArray images(int chains) {
    float[] pixels = new float[chains * 4];
    RandomStreams.of(7).stream("images").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(chains, 1, 2, 2);
  }

  private static NoiseSource noise(String name) {
    return NoiseSource.of(RandomStreams.of(3).stream(name));
  }

  private static float[] pixels(INDArray images) {
    return images.data().getFloatsAt(0, (int) images.length());
  }

  /** What the update rule says, for conditional energies of the class with center and variance. */
  private static float[] stepsByHand(
      float[] x, double size, double deviation, int steps, double center, double variance) {
    float[] y = x.clone();
    NoiseSource noise = noise("hand");
    float[] z = new float[4];
    for (int k = 0; k < steps; k++) {
      for (int chain = 0; chain < y.length / 4; chain++) {
        noise.fillGaussian(k, chain, z);
        for (int j = 0; j < 4; j++) {
          int i = chain * 4 + j;
          y[i] += (float) (size * -(y[i] - center) / variance + deviation * z[j]);
        }
      }
    }
    return y;
  }

  @Test
  void follows_the_update_rule_to_the_letter() {
    INDArray images = images(3);
    float[] expected = stepsByHand(pixels(images), 0.1, 0.05, 4, 0.4, 2);
    LangevinSampler.of(TWO_CLASSES, Langevin.ofSteps(4).withStepSize(0.1).withNoise(0.05))
        .run(images, EnergyGradient.conditional(1, 1, 1), noise("hand"));
    assertThat(pixels(images)).usingComparatorWithPrecision(1e-6f).containsExactly(expected);
  }

  @Test
  void marginal_score_is_the_softmax_mixture_of_class_scores() {
    INDArray images = images(1);
    float[] start = pixels(images);
    double[] f = new double[2];
    for (float pixel : start) {
      f[0] -= (pixel + 0.3) * (pixel + 0.3);
      f[1] -= (pixel - 0.4) * (pixel - 0.4) / 4;
    }
    f[1] += 0.5;
    double p = 1 / (1 + Math.exp(f[1] - f[0]));
    LangevinSampler.of(TWO_CLASSES, Langevin.ofSteps(1).withStepSize(0.1).withNoise(0))
        .run(images, EnergyGradient.marginal(), noise("none"));
    float[] end = pixels(images);
    for (int i = 0; i < 4; i++) {
      double score = p * -(start[i] + 0.3) / 0.5 + (1 - p) * -(start[i] - 0.4) / 2;
      assertThat((double) end[i]).isCloseTo(start[i] + 0.1 * score, within(1e-6));
    }
  }

  @Test
  void a_chain_does_not_depend_on_how_many_run_beside_it() {
    Langevin settings = Langevin.ofSteps(3).withStepSize(0.1).withNoise(0);
    INDArray many = images(5);
    INDArray one = many.get(NDArrayIndex.interval(0, 1)).dup('c');
    LangevinSampler.of(TWO_CLASSES, settings).run(many, EnergyGradient.marginal(), noise("a"));
    LangevinSampler.of(TWO_CLASSES, settings).run(one, EnergyGradient.marginal(), noise("a"));
    assertThat(pixels(one)).isEqualTo(Arrays.copyOf(pixels(many), 4));
  }

  @Test
  void diagnosing_changes_no_sample_and_costs_no_run_of_the_network() {
    INDArray first = images(5);
    INDArray second = first.dup('c');
    QuadraticEngine engine = QuadraticEngine.normal(0, 1);
    LangevinSampler sampler = LangevinSampler.of(engine, Langevin.ofSteps(6).withStepSize(0.1));
    sampler.run(first, EnergyGradient.marginal(), noise("d"));
    assertThat(engine.runs()).isEqualTo(6);
    ChainDiagnostics diagnostics = sampler.diagnose(second, EnergyGradient.marginal(), noise("d"));
    assertThat(engine.runs()).isEqualTo(12);
    assertThat(pixels(second)).isEqualTo(pixels(first));
    assertThat(diagnostics.energy()).hasDimensions(6, 5);
    assertThat(diagnostics.acceptance()).containsOnly(1, 1, 1, 1, 1);
  }

  @Test
  void diagnostics_are_energy_gradient_norm_and_distance_of_each_chain() {
    INDArray images = zeros(1).addi(2);
    ChainDiagnostics diagnostics =
        LangevinSampler.of(
                QuadraticEngine.normal(0, 1),
                Langevin.ofSteps(2).withStepSize(0.5).withNoise(0).withGradientLimit(1))
            .diagnose(images, EnergyGradient.marginal(), noise("d"));
    // four pixels at 2, then at 1.5 because the gradient of 2 is clamped to 1, then at 1
    assertThat(diagnostics.energy()[0][0]).isCloseTo(8, within(1e-6));
    assertThat(diagnostics.energy()[1][0]).isCloseTo(4.5, within(1e-6));
    assertThat(diagnostics.gradientNorm()[0][0]).isCloseTo(4, within(1e-6));
    assertThat(diagnostics.gradientNorm()[1][0]).isCloseTo(3, within(1e-6));
    assertThat(diagnostics.movement()[0]).isCloseTo(2, within(1e-6));
  }

  @Test
  void clamps_samples_after_every_step() {
    INDArray images = images(50);
    LangevinSampler.of(
            QuadraticEngine.normal(5, 1),
            Langevin.ofSteps(3).withStepSize(0.5).withSampleBounds(-1, 0.75))
        .run(images, EnergyGradient.marginal(), noise("clamp"));
    assertThat(pixels(images)).containsOnly(0.75f);
  }

  @Test
  void annealed_schedules_set_each_step() {
    INDArray images = zeros(1);
    // x <- x + s_k (10 - x): 0 -> 5 with s = 0.5, -> 5.5 with s = 0.1
    LangevinSampler.of(
            QuadraticEngine.normal(10, 1),
            Langevin.ofSteps(2).withStepSize(Schedule.linear(0.5, 0.1)).withNoise(0))
        .run(images, EnergyGradient.marginal(), noise("none"));
    assertThat(pixels(images)).usingComparatorWithPrecision(1e-5f).containsOnly(5.5f);
  }

  @Test
  void small_steps_sample_the_temperature_they_state() {
    Langevin settings = Langevin.ofSteps(400).withStepSize(0.02).withNoise(0.1);
    assertThat(settings.temperature(0)).isCloseTo(0.25, within(1e-12));
    INDArray images = zeros(2_000);
    LangevinSampler.of(QuadraticEngine.normal(0, 1), settings)
        .run(images, EnergyGradient.marginal(), noise("temperature"));
    // a discretized chain has variance T / (1 - stepSize / 2)
    assertThat(variance(pixels(images), 0)).isCloseTo(0.25 / 0.99, within(0.02));
  }

  @Test
  void metropolis_samples_a_normal_density_exactly_even_with_large_steps() {
    double size = 0.3;
    Langevin settings =
        Langevin.ofSteps(60).withStepSize(size).withTemperature(1).withMetropolis(true);
    INDArray images = zeros(4_000);
    ChainDiagnostics diagnostics =
        LangevinSampler.of(QuadraticEngine.normal(0.5, 0.4), settings)
            .diagnose(images, EnergyGradient.marginal(), noise("metropolis"));
    assertThat(Arrays.stream(diagnostics.acceptance()).average().orElseThrow())
        .isBetween(0.5, 0.95);
    float[] values = pixels(images);
    double mean = 0;
    for (float value : values) {
      mean += value;
    }
    // 16,000 numbers of variance 0.4: five standard errors are .025 and .022; the uncorrected chain
    // would have 0.4 / (1 - 0.3 / 0.8) = 0.64
    assertThat(mean / values.length).isCloseTo(0.5, within(0.025));
    assertThat(variance(values, 0.5)).isCloseTo(0.4, within(0.0225));
  }

  @Test
  void metropolis_samples_the_density_restricted_to_the_box() {
    Langevin settings =
        Langevin.ofSteps(80)
            .withStepSize(0.3)
            .withTemperature(1)
            .withMetropolis(true)
            .withSampleBounds(0, 1);
    INDArray images = zeros(3_000).addi(0.5);
    LangevinSampler.of(QuadraticEngine.normal(0, 1), settings)
        .run(images, EnergyGradient.marginal(), noise("box"));
    double mean = 0;
    for (float value : pixels(images)) {
      assertThat(value).isBetween(0f, 1f);
      mean += value / images.length();
    }
    // mean of a standard normal restricted to [0, 1]: (phi(0) - phi(1)) / (Phi(1) - 1/2)
    assertThat(mean).isCloseTo(0.45986, within(0.013));
  }

  @Test
  void metropolis_rejection_leaves_a_chain_where_it_was() {
    Langevin settings = Langevin.ofSteps(4).withStepSize(1).withNoise(0.5).withMetropolis(true);
    INDArray images = images(3);
    float[] start = pixels(images);
    NoiseSource never =
        new NoiseSource() {
          private final NoiseSource normal = noise("never");

          @Override
          public void fillGaussian(int step, int chain, float[] values) {
            normal.fillGaussian(step, chain, values);
          }

          @Override
          public double uniform(int step, int chain) {
            return chain == 1 ? 0 : Math.nextDown(1.0);
          }
        };
    ChainDiagnostics diagnostics =
        LangevinSampler.of(QuadraticEngine.normal(0, 0.001), settings)
            .diagnose(images, EnergyGradient.marginal(), never);
    assertThat(diagnostics.acceptance()).containsExactly(0, 1, 0);
    float[] end = pixels(images);
    assertThat(Arrays.copyOfRange(end, 0, 4)).isEqualTo(Arrays.copyOfRange(start, 0, 4));
    assertThat(Arrays.copyOfRange(end, 4, 8)).isNotEqualTo(Arrays.copyOfRange(start, 4, 8));
    assertThat(Arrays.copyOfRange(end, 8, 12)).isEqualTo(Arrays.copyOfRange(start, 8, 12));
    assertThat(diagnostics.movement()[0]).isZero();
  }

  private static double variance(float[] values, double mean) {
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return sum / values.length;
  }

  @Test
  void works_in_the_memory_of_a_view_without_gaps() {
    INDArray images = images(5);
    INDArray copy = images.get(NDArrayIndex.interval(1, 3)).dup('c');
    float[] before = pixels(images);
    LangevinSampler sampler =
        LangevinSampler.of(TWO_CLASSES, Langevin.ofSteps(2).withStepSize(0.1));
    sampler.run(images.get(NDArrayIndex.interval(1, 3)), EnergyGradient.marginal(), noise("view"));
    sampler.run(copy, EnergyGradient.marginal(), noise("view"));
    float[] after = pixels(images);
    assertThat(Arrays.copyOfRange(after, 0, 4)).isEqualTo(Arrays.copyOfRange(before, 0, 4));
    assertThat(Arrays.copyOfRange(after, 4, 12)).isEqualTo(pixels(copy));
    assertThat(Arrays.copyOfRange(after, 12, 20)).isEqualTo(Arrays.copyOfRange(before, 12, 20));
  }

  @Test
  void refuses_a_view_with_gaps() {
    INDArray view = images(4).permute(0, 1, 3, 2);
    LangevinSampler sampler = LangevinSampler.of(TWO_CLASSES, Langevin.ofDefaults());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.run(view, EnergyGradient.marginal(), noise("view")))
        .withMessageContaining("shape [4, 1, 2, 2] with strides [4, 4, 1, 2]")
        .withMessageContaining("dup('c')");
  }

  @Test
  void refuses_double_precision_images() {
    LangevinSampler sampler = LangevinSampler.of(TWO_CLASSES, Langevin.ofDefaults());
    INDArray images = images(4).castTo(DataType.DOUBLE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.run(images, EnergyGradient.marginal(), noise("double")))
        .withMessageContaining("must be a float32 array without gaps in C order")
        .withMessageContaining("DOUBLE");
  }

  @Test
  void refuses_another_number_of_labels_than_chains() {
    LangevinSampler sampler = LangevinSampler.of(TWO_CLASSES, Langevin.ofDefaults());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.run(images(4), EnergyGradient.conditional(0, 1), noise("n")))
        .withMessage("the energy has 2 labels, but there are 4 chains");
  }

  @Test
  void refuses_a_label_out_of_range() {
    LangevinSampler sampler = LangevinSampler.of(TWO_CLASSES, Langevin.ofDefaults());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.run(images(1), EnergyGradient.conditional(2), noise("n")))
        .withMessage("label 2 is out of range, there are 2 classes");
  }

  @Test
  void refuses_unknown_labels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EnergyGradient.conditional(0, -1))
        .withMessage("labels of conditional samples must be known, one was -1");
  }

  /** Dense, leaky rectifier, dense, in double precision: what a chain of PYLD goes through. */
  private record TwoLayers(double[][] w1, double[] b1, double[][] w2, double[] b2) {

    static TwoLayers of(ComputationGraph graph) {
      return new TwoLayers(
          graph.getLayer("dense1").getParam("W").toDoubleMatrix(),
          graph.getLayer("dense1").getParam("b").toDoubleVector(),
          graph.getLayer("class_output").getParam("W").toDoubleMatrix(),
          graph.getLayer("class_output").getParam("b").toDoubleVector());
    }

    double[] first(double... x) {
      double[] z = b1.clone();
      for (int j = 0; j < z.length; j++) {
        for (int i = 0; i < x.length; i++) {
          z[j] += x[i] * w1[i][j];
        }
      }
      return z;
    }

    /** p = d logsumexp f / dz, by the rest of the network. */
    double[] back(double... z) {
      double[] f = b2.clone();
      for (int c = 0; c < f.length; c++) {
        for (int j = 0; j < z.length; j++) {
          f[c] += Math.max(z[j], SLOPE * z[j]) * w2[j][c];
        }
      }
      double sum = Arrays.stream(f).map(Math::exp).sum();
      double[] p = new double[z.length];
      for (int j = 0; j < z.length; j++) {
        for (int c = 0; c < f.length; c++) {
          p[j] += Math.exp(f[c]) / sum * w2[j][c] * (z[j] > 0 ? 1 : SLOPE);
        }
      }
      return p;
    }

    /** Derivative of p z(x) by x[i], through the first layer alone, wherever x is. */
    double through(double[] p, double[] x, int i) {
      double h = 1e-3;
      double[] moved = x.clone();
      moved[i] = x[i] + h;
      double[] above = first(moved);
      moved[i] = x[i] - h;
      double[] below = first(moved);
      double difference = 0;
      for (int j = 0; j < p.length; j++) {
        difference += p[j] * (above[j] - below[j]) / (2 * h);
      }
      return difference;
    }
  }

  private static final double SLOPE = 0.2;

  /** The algorithm of JEM++, step by step, with the noise of the sampler. */
  private static void pyldByHand(
      TwoLayers network, double[][] chains, Langevin settings, NoiseSource noise) {
    for (int step = 0; step < settings.steps(); step++) {
      double deviation = settings.noise().at(step, settings.steps());
      for (int chain = 0; chain < chains.length; chain++) {
        double[] x = chains[chain];
        float[] z = new float[x.length];
        noise.fillGaussian(step, chain, z);
        double[] p = network.back(network.first(x));
        for (int inner = 1; inner < settings.innerSteps(); inner++) {
          move(network, p, x, settings, step, new float[x.length], 0);
        }
        move(network, p, x, settings, step, z, deviation);
      }
    }
  }

  private static void move(
      TwoLayers network,
      double[] p,
      double[] x,
      Langevin settings,
      int step,
      float[] z,
      double deviation) {
    double[] at = x.clone();
    double size = settings.stepSize().at(step, settings.steps());
    double limit = settings.gradientLimit();
    for (int i = 0; i < x.length; i++) {
      double slope = Math.min(Math.max(network.through(p, at, i), -limit), limit);
      double moved = x[i] + size * slope + deviation * z[i];
      x[i] = Math.min(Math.max(moved, settings.lowest()), settings.highest());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = EngineChoice.class,
      names = {"GRAPH", "AUTO"})
  void inner_steps_go_through_the_first_layer_alone(EngineChoice choice) {
    try (EnergyModel model =
        EnergyModel.builder(Mlp.of(7))
            .features(5)
            .classNames(List.of("a", "b", "c"))
            .seed(4)
            .engine(EngineSettings.of(choice))
            .build()) {
      TwoLayers network = TwoLayers.of(model.graph());
      float[] rows = new float[6 * 5];
      RandomStreams.of(8).stream("rows").fillUniform(rows, -1, 1);
      double[][] expected = new double[6][5];
      double[] slopes = new double[rows.length];
      for (int i = 0; i < rows.length; i++) {
        expected[i / 5][i % 5] = rows[i];
      }
      for (int i = 0; i < rows.length; i++) {
        double[] x = expected[i / 5];
        slopes[i] = Math.abs(network.through(network.back(network.first(x)), x, i % 5));
      }
      Arrays.sort(slopes);
      Langevin settings =
          Langevin.ofSteps(4)
              .withInnerSteps(5)
              .withStepSize(Schedule.linear(0.6, 0.2))
              .withNoise(0.02)
              .withGradientLimit(slopes[slopes.length / 2]) // Holds for about half of them.
              .withSampleBounds(-0.9, 0.9);
      pyldByHand(network, expected, settings, noise("pyld"));

      INDArray chains = Nd4j.createFromArray(rows).reshape(6, 5, 1, 1);
      LangevinSampler.of(model.engine(), settings)
          .run(chains, EnergyGradient.marginal(), noise("pyld"));
      for (int i = 0; i < rows.length; i++) {
        assertThat(chains.getDouble(i / 5, i % 5, 0, 0))
            .isCloseTo(expected[i / 5][i % 5], within(2e-6));
      }
    }
  }

  @Test
  void inner_steps_run_the_network_no_more_often() {
    QuadraticEngine engine = QuadraticEngine.normal(0, 1);
    INDArray held = images(3);
    INDArray plain = held.dup('c');
    Langevin settings = Langevin.ofSteps(4).withStepSize(0.01).withNoise(0);
    LangevinSampler.of(engine, settings.withInnerSteps(5))
        .run(held, EnergyGradient.marginal(), noise("a"));
    assertThat(engine.runs()).isEqualTo(4);
    LangevinSampler.of(engine, settings.withSteps(20))
        .run(plain, EnergyGradient.marginal(), noise("a"));
    assertThat(engine.runs()).isEqualTo(24);
    // As many moves of one size arrive nearly where moves with a gradient each do.
    assertThat(pixels(held)).usingComparatorWithPrecision(0.01f).containsExactly(pixels(plain));
    assertThat(pixels(held)).isNotEqualTo(pixels(plain));
  }

  @Test
  void one_inner_step_is_plain_langevin_dynamics() {
    INDArray one = images(3);
    INDArray plain = one.dup('c');
    Langevin settings = Langevin.ofSteps(4).withStepSize(0.1).withSampleBounds(-1, 1);
    LangevinSampler.of(TWO_CLASSES, settings.withInnerSteps(1))
        .run(one, EnergyGradient.marginal(), noise("a"));
    LangevinSampler.of(TWO_CLASSES, settings).run(plain, EnergyGradient.marginal(), noise("a"));
    assertThat(pixels(one)).isEqualTo(pixels(plain));
  }
}
