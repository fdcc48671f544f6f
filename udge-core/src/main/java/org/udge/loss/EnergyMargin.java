package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.random.RandomStream;
import org.udge.sampling.EnergyGradient;
import org.udge.state.State;

/**
 * Pushes the energies of data below one margin, and those of foreign (out-of-distribution) images
 * above another: for fine-tuning a trained classifier for a few epochs, so that log p(x) separates
 * the two.
 *
 * <p>Value: mean_i max(0, E(x_i) - m_in)^2 + mean_j max(0, m_out - E(x'_j))^2 with E(x) =
 * -logsumexp_y f(x)[y], in squared nats, 0 or more, each <em>mean</em> over its own images; to be
 * minimized. x are the step's labeled images, x' the same number of images of a source, chosen at
 * random with replacement. Gradient: -2 max(0, E(x_i) - m_in) softmax f(x_i) / N and 2 max(0, m_out
 * - E(x'_j)) softmax f(x'_j) / M.
 *
 * <pre>{@code
 * Objective objective =
 *     Objective.of(CrossEntropy.ofDefaults()).plus(0.1, EnergyMargin.of(foreign));
 * }</pre>
 *
 * <p>Margins are derived from the network at the beginning of a run, unless {@link #withMargins}
 * sets them: from the energies of the first step's images, m_in is the mean energy of data, and
 * m_out that of foreign images, but at least m_in plus one standard deviation of the energies of
 * data. They are part of the run's state. The energies of an untrained network have no meaningful
 * scale: train the network first.
 *
 * <p>Foreign images are normalized by running statistics. Cost: about twice the time per step.
 *
 * <p>Metrics: {@code energy_data}, {@code energy_foreign}, means; {@code margin_data}, {@code
 * margin_foreign}, m_in and m_out.
 *
 * <p>Source: Liu et al. 2020, "Energy-based out-of-distribution detection", equation 8, with weight
 * .1. Reads {@link ImageGroup#LABELED} and {@link ImageGroup#OWN}. Immutable, and thread-safe if
 * the source is. Terms are equal only if their sources are the same object.
 */
public final class EnergyMargin implements LossTerm {

  private record Margins(double data, double foreign) {}

  private final ImageSource foreign;
  private final OptionalInt batchSize;
  private final Optional<Margins> margins;

  private EnergyMargin(ImageSource foreign, OptionalInt batchSize, Optional<Margins> margins) {
    this.foreign = requireNonNull(foreign);
    this.batchSize = batchSize;
    this.margins = margins;
    checkArgument(foreign.size() > 0, "the set '%s' of foreign images is empty", foreign.name());
  }

  /**
   * Returns the term with margins derived from the network.
   *
   * @param foreign out-of-distribution images, at least one
   * @return the term
   * @throws IllegalArgumentException if there is no image
   */
  public static EnergyMargin of(ImageSource foreign) {
    return new EnergyMargin(foreign, OptionalInt.empty(), Optional.empty());
  }

  /**
   * Returns a copy of this term with given margins.
   *
   * @param data the margin m_in that the energies of data should stay below
   * @param foreign the margin m_out that the energies of foreign images should stay above; above
   *     m_in
   * @return a new term
   * @throws IllegalArgumentException if they are not finite and ascending
   */
  public EnergyMargin withMargins(double data, double foreign) {
    checkArgument(
        Double.isFinite(data) && Double.isFinite(foreign) && data < foreign,
        "the margin of data must be below that of foreign images, were %s and %s",
        data,
        foreign);
    return new EnergyMargin(this.foreign, batchSize, Optional.of(new Margins(data, foreign)));
  }

  /**
   * Returns a copy of this term with another number of foreign images.
   *
   * @param count the number of foreign images per step, at least 1; default: the number of labeled
   *     images
   * @return a new term
   * @throws IllegalArgumentException if it is below 1
   */
  public EnergyMargin withBatchSize(int count) {
    checkArgument(count > 0, "batch size must be at least 1, was %s", count);
    return new EnergyMargin(foreign, OptionalInt.of(count), margins);
  }

  @Override
  public String name() {
    return "energy_margin";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.LABELED, ImageGroup.OWN);
  }

  @Override
  public LossFunction begin(LossSetup setup) {
    checkArgument(
        foreign.shape().equals(setup.shape()),
        "the foreign images '%s' are %s, the model expects %s",
        foreign.name(),
        foreign.shape(),
        setup.shape());
    return new Run();
  }

  private List<Object> values() {
    return List.of(batchSize, margins);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EnergyMargin that
        && foreign == that.foreign
        && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return 31 * System.identityHashCode(foreign) + values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "EnergyMargin[foreign=%s, batchSize=%s, margins=%s]",
        foreign.name(),
        batchSize.isPresent() ? batchSize.getAsInt() : "as labeled",
        margins
            .map(both -> String.format(Locale.ROOT, "%s and %s", both.data, both.foreign))
            .orElse("derived"));
  }

  private final class Run implements LossFunction {

    private Optional<Margins> held = margins;

    @Override
    public Optional<OwnImages> ownImages(SampleContext context) {
      RandomStream random = context.streams().child(name()).stream("foreign", context.step());
      int[] indices = new int[batchSize.orElse(context.labeled().size())];
      Arrays.setAll(indices, i -> random.nextInt(foreign.size()));
      Batch images = Batch.unlabeled(foreign.read(indices).images());
      if (held.isEmpty()) {
        held =
            Optional.of(derived(energies(context, context.labeled()), energies(context, images)));
      }
      return Optional.of(OwnImages.unlikeData(images));
    }

    private double[] energies(SampleContext context, Batch images) {
      try (Pass pass = context.engine().forward(images.images(), Mode.EVALUATION)) {
        return EnergyGradient.marginal().evaluate(Logits.of(pass.logits())).energies();
      }
    }

    private Margins derived(double[] data, double[] foreign) {
      double mean = Arrays.stream(data).average().orElseThrow();
      double deviation =
          Math.sqrt(Arrays.stream(data).map(e -> (e - mean) * (e - mean)).average().orElseThrow());
      double other = Arrays.stream(foreign).average().orElseThrow();
      return new Margins(mean, Math.max(other, mean + deviation));
    }

    @Override
    public LossValue evaluate(LossInput input) {
      Margins both =
          held.orElseThrow(
              () -> new IllegalStateException("margins are derived with the first own images"));
      EnergyGradient.Value data =
          EnergyGradient.marginal().evaluate(input.logits(ImageGroup.LABELED));
      EnergyGradient.Value other = EnergyGradient.marginal().evaluate(input.logits(ImageGroup.OWN));
      double[][] dataGradient = new double[data.energies().length][];
      double[][] otherGradient = new double[other.energies().length][];
      double value =
          excess(data, both.data, 1, dataGradient) + excess(other, both.foreign, -1, otherGradient);
      return LossValue.of(value)
          .withGradient(ImageGroup.LABELED, dataGradient)
          .withGradient(ImageGroup.OWN, otherGradient)
          .withMetric("energy_data", Arrays.stream(data.energies()).average().orElseThrow())
          .withMetric("energy_foreign", Arrays.stream(other.energies()).average().orElseThrow())
          .withMetric("margin_data", both.data)
          .withMetric("margin_foreign", both.foreign);
    }

    /** Computes mean max(0, sign (E - margin))^2 and its gradient, where dE/df = -score. */
    private double excess(
        EnergyGradient.Value images, double margin, int sign, double[][] gradient) {
      int n = gradient.length;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        double over = Math.max(0, sign * (images.energies()[i] - margin));
        sum += over * over;
        double[] row = images.scores()[i].clone();
        for (int c = 0; c < row.length; c++) {
          row[c] *= -2 * sign * over / n;
        }
        gradient[i] = row;
      }
      return sum / n;
    }

    @Override
    public State captureState() {
      State.Builder state = State.builder();
      held.ifPresent(both -> state.put("marginData", both.data).put("marginForeign", both.foreign));
      return state.build();
    }

    /** Restores the margins; those set explicitly take precedence over those of the run. */
    @Override
    public void restoreState(State state) {
      held =
          margins.isPresent() || !state.has("marginData")
              ? margins
              : Optional.of(
                  new Margins(state.getDouble("marginData"), state.getDouble("marginForeign")));
    }
  }
}
