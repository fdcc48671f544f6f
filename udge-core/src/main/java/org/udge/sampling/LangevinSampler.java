package org.udge.sampling;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.engine.Engine;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.engine.Pass;

/**
 * Stochastic gradient Langevin dynamics in the space of images (Welling &amp; Teh 2011; as a
 * sampler of JEM: Grathwohl et al. 2020, equation 2).
 *
 * <p>The network runs in evaluation mode, and no weight gradient is computed. Any engine can be
 * used: a second one in {@link org.udge.engine.Precision#BFLOAT16} on the same graph halves the
 * time per step, and its rounding error is far below the noise of chains without {@linkplain
 * Langevin#withMetropolis correction}.
 *
 * <p>Between two runs of the network, chains are updated directly in the memory of the images.
 * Thread-safe if the engine is: no state is kept between runs.
 */
public final class LangevinSampler {

  private final Engine engine;
  private final Langevin settings;

  private LangevinSampler(Engine engine, Langevin settings) {
    this.engine = requireNonNull(engine);
    this.settings = requireNonNull(settings);
  }

  /**
   * Returns a sampler.
   *
   * @param engine runs the network; the caller keeps ownership
   * @param settings the dynamics of chains
   * @return the sampler
   */
  public static LangevinSampler of(Engine engine, Langevin settings) {
    return new LangevinSampler(engine, settings);
  }

  /**
   * Runs the chains.
   *
   * @param images the starts of the chains, overwritten with their ends; float32, [N, C, H, W], in
   *     C order without gaps
   * @param energy the energy to descend
   * @param noise the source of randomness
   * @throws IllegalArgumentException if the images' memory is not as specified
   */
  public void run(INDArray images, EnergyGradient energy, NoiseSource noise) {
    move(new Chains(images, energy, noise), Observer.NONE);
  }

  /**
   * Runs the chains as {@link #run} does, with the same result, and returns diagnostics of each.
   *
   * @param images the starts of the chains, overwritten with their ends; float32, [N, C, H, W], in
   *     C order without gaps
   * @param energy the energy to descend
   * @param noise the source of randomness
   * @return the energies, norms, acceptance rates and movements
   * @throws IllegalArgumentException if the images' memory is not as specified
   */
  public ChainDiagnostics diagnose(INDArray images, EnergyGradient energy, NoiseSource noise) {
    Chains chains = new Chains(images, energy, noise);
    Recorder recorder = new Recorder(chains.pixels);
    move(chains, recorder);
    return recorder.diagnostics();
  }

  private void move(Chains chains, Observer observer) {
    if (settings.metropolis()) {
      new Metropolis(chains).run(observer);
    } else {
      chains.run(observer);
    }
    chains.pixels.written();
  }

  /** Rows of numbers, one per chain. */
  @FunctionalInterface
  private interface Rows {
    void read(int row, float[] target, int offset);
  }

  /** Notified of the gradient before each step; has no influence. */
  private interface Observer {
    Observer NONE =
        new Observer() {
          @Override
          public void step(int step, double[] energies, Rows gradients) {}

          @Override
          public void rejected(int chain) {}
        };

    void step(int step, double[] energies, Rows gradients);

    void rejected(int chain);
  }

  private final class Recorder implements Observer {
    private final HostRows pixels;
    private final float[] start;
    private final float[] row;
    private final double[][] energy;
    private final double[][] gradientNorm;
    private final int[] rejections;

    Recorder(HostRows pixels) {
      this.pixels = pixels;
      start = new float[pixels.rows() * pixels.width()];
      row = new float[pixels.width()];
      for (int i = 0; i < pixels.rows(); i++) {
        pixels.read(i, start, i * row.length);
      }
      energy = new double[settings.steps()][];
      gradientNorm = new double[settings.steps()][pixels.rows()];
      rejections = new int[pixels.rows()];
    }

    @Override
    public void step(int step, double[] energies, Rows gradients) {
      energy[step] = energies.clone();
      for (int i = 0; i < pixels.rows(); i++) {
        gradients.read(i, row, 0);
        gradientNorm[step][i] = norm(row);
      }
    }

    @Override
    public void rejected(int chain) {
      rejections[chain]++;
    }

    ChainDiagnostics diagnostics() {
      double[] movement = new double[pixels.rows()];
      for (int i = 0; i < movement.length; i++) {
        pixels.read(i, row, 0);
        for (int j = 0; j < row.length; j++) {
          row[j] -= start[i * row.length + j];
        }
        movement[i] = norm(row);
      }
      double[] acceptance =
          Arrays.stream(rejections).mapToDouble(n -> 1 - (double) n / settings.steps()).toArray();
      return new ChainDiagnostics(energy, gradientNorm, acceptance, movement);
    }

    private static double norm(float[] values) {
      double sum = 0;
      for (float value : values) {
        sum += (double) value * value;
      }
      return Math.sqrt(sum);
    }
  }

  /** The chains of one run, moved without correction. */
  private final class Chains {
    private final INDArray images;
    private final EnergyGradient energy;
    private final NoiseSource noise;
    private final HostRows pixels;
    private final float[] x;
    private final float[] drift;
    private final float[] z;
    private INDArray logitGradient = Nd4j.empty(DataType.FLOAT);

    Chains(INDArray images, EnergyGradient energy, NoiseSource noise) {
      this.images = images;
      this.energy = requireNonNull(energy);
      this.noise = requireNonNull(noise);
      pixels = HostRows.writing(images);
      x = new float[pixels.width()];
      drift = new float[pixels.width()];
      z = new float[pixels.width()];
    }

    void run(Observer observer) {
      for (int step = 0; step < settings.steps(); step++) {
        try (Pass pass = engine.forward(images, Mode.EVALUATION)) {
          EnergyGradient.Value value = energy.evaluate(Logits.of(pass.logits()));
          HostRows gradients = gradients(pass, value);
          observer.step(step, value.energies(), gradients::read);
          for (int chain = 0; chain < pixels.rows(); chain++) {
            pixels.read(chain, x, 0);
            gradients.read(chain, drift, 0);
            limitDrift();
            for (int inner = 1; inner < settings.innerSteps(); inner++) {
              move(step);
              keepInRange();
            }
            propose(step, chain);
            keepInRange();
            pixels.write(chain, x, 0);
          }
          pixels.written();
        }
      }
    }

    HostRows gradients(Pass pass, EnergyGradient.Value value) {
      double[][] scores = value.scores();
      int classes = scores[0].length;
      if (logitGradient.isEmpty()) {
        logitGradient =
            Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', scores.length, classes);
      }
      HostRows rows = HostRows.writing(logitGradient);
      float[] row = new float[classes];
      for (int i = 0; i < scores.length; i++) {
        for (int c = 0; c < classes; c++) {
          row[c] = (float) scores[i][c];
        }
        rows.write(i, row, 0);
      }
      rows.written();
      return HostRows.reading(pass.inputGradient(logitGradient));
    }

    void limitDrift() {
      clamp(drift, (float) -settings.gradientLimit(), (float) settings.gradientLimit());
    }

    void keepInRange() {
      clamp(x, (float) settings.lowest(), (float) settings.highest());
    }

    /** x += size drift. */
    void move(int step) {
      float size = (float) settings.stepSize().at(step, settings.steps());
      for (int i = 0; i < x.length; i++) {
        x[i] += size * drift[i];
      }
    }

    /** x += size drift + deviation z. */
    void propose(int step, int chain) {
      float deviation = (float) settings.noise().at(step, settings.steps());
      if (deviation == 0) {
        move(step);
        return;
      }
      float size = (float) settings.stepSize().at(step, settings.steps());
      noise.fillGaussian(step, chain, z);
      for (int i = 0; i < x.length; i++) {
        x[i] += size * drift[i] + deviation * z[i];
      }
    }
  }

  private static void clamp(float[] values, float low, float high) {
    if (low == Float.NEGATIVE_INFINITY && high == Float.POSITIVE_INFINITY) {
      return;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.min(Math.max(values[i], low), high);
    }
  }

  /** The chains of one run, every step of which is a proposal. */
  private final class Metropolis {
    private final Chains chains;
    private final int width;
    private final float[] x;
    private final float[] drift;
    private final double[] energies;

    Metropolis(Chains chains) {
      this.chains = chains;
      width = chains.pixels.width();
      x = new float[chains.pixels.rows() * width];
      drift = new float[x.length];
      energies = new double[chains.pixels.rows()];
    }

    void run(Observer observer) {
      try (Pass pass = engine.forward(chains.images, Mode.EVALUATION)) {
        EnergyGradient.Value value = chains.energy.evaluate(Logits.of(pass.logits()));
        HostRows gradients = chains.gradients(pass, value);
        for (int chain = 0; chain < energies.length; chain++) {
          chains.pixels.read(chain, x, chain * width);
          keep(chain, value.energies()[chain], gradients);
        }
      }
      for (int step = 0; step < settings.steps(); step++) {
        step(step, observer);
      }
    }

    private void step(int step, Observer observer) {
      observer.step(
          step,
          energies,
          (chain, target, offset) -> System.arraycopy(drift, chain * width, target, offset, width));
      for (int chain = 0; chain < energies.length; chain++) {
        System.arraycopy(x, chain * width, chains.x, 0, width);
        System.arraycopy(drift, chain * width, chains.drift, 0, width);
        chains.limitDrift();
        chains.propose(step, chain);
        chains.pixels.write(chain, chains.x, 0);
      }
      chains.pixels.written();
      try (Pass pass = engine.forward(chains.images, Mode.EVALUATION)) {
        EnergyGradient.Value value = chains.energy.evaluate(Logits.of(pass.logits()));
        HostRows gradients = chains.gradients(pass, value);
        for (int chain = 0; chain < energies.length; chain++) {
          chains.pixels.read(chain, chains.x, 0);
          gradients.read(chain, chains.drift, 0);
          if (accepts(step, chain, value.energies()[chain])) {
            System.arraycopy(chains.x, 0, x, chain * width, width);
            keep(chain, value.energies()[chain], gradients);
          } else {
            chains.pixels.write(chain, x, chain * width);
            observer.rejected(chain);
          }
        }
      }
    }

    private void keep(int chain, double energy, HostRows gradients) {
      energies[chain] = energy;
      gradients.read(chain, drift, chain * width);
    }

    /**
     * Returns whether Metropolis-Hastings for exp(-E/T) accepts a proposal; one outside the box has
     * density 0.
     */
    private boolean accepts(int step, int chain, double proposedEnergy) {
      double size = settings.stepSize().at(step, settings.steps());
      double deviation = settings.noise().at(step, settings.steps());
      double forward = 0;
      double backward = 0;
      for (int i = 0; i < width; i++) {
        int at = chain * width + i;
        if (chains.x[i] < settings.lowest() || chains.x[i] > settings.highest()) {
          return false;
        }
        double move = (double) chains.x[i] - x[at];
        double there = move - size * limited(drift[at]);
        double back = -move - size * limited(chains.drift[i]);
        forward += there * there;
        backward += back * back;
      }
      double logRatio =
          (energies[chain] - proposedEnergy) / settings.temperature(step)
              + (forward - backward) / (2 * deviation * deviation);
      return Math.log(chains.noise.uniform(step, chain)) < logRatio;
    }

    private double limited(float gradient) {
      return Math.min(Math.max(gradient, -settings.gradientLimit()), settings.gradientLimit());
    }
  }
}
