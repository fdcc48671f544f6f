package org.udge.loss;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * -log p(x|y), approximated by contrast: an image should score higher under its label than the
 * previous K images do under that label.
 *
 * <p>Value: (1/N) sum_i log(1 + exp(Neg[y_i] - s_i / T)), in nats, 0 or more, <em>mean</em> over
 * the N labeled images; to be minimized. Here
 *
 * <ul>
 *   <li>p_i = f(x_i) / ||f(x_i)||_2, or f(x_i) clamped to [-M, M] with {@link #withMaxLogit};
 *   <li>s_i is the score of p_i under y_i: see {@link ContrastiveForm};
 *   <li>Neg[y] = logsumexp_k s_y(q_k) / T over the queue's columns, scaled and scored in the same
 *       way; images of the same class count as negatives too.
 * </ul>
 *
 * This is the cross entropy of identifying the image among itself and K negatives: log(K + 1) if
 * all scores are equal. With a full queue, the {@code REFERENCE} form cannot get far below that:
 * with K = 65,536 and T = 0.1, its minimum is 8.85 for 10 classes and 10.86 for 100.
 *
 * <p>Gradient: in closed form, through p only; the queue receives no gradient. With normalization
 * it is orthogonal to f(x), so this term does not train the norm of f(x).
 *
 * <p>Cost: each step scores N images and N new columns of the queue, O(N C), and adds O(C log K)
 * partial sums.
 *
 * <p>A batch enters the queue after the step ({@link LossFunction#remember}): an image is never its
 * own negative. Terms of the same run with equal queue settings share a queue: see {@link
 * NegativeQueueSettings}.
 *
 * <p>Metrics: {@code positive_score}, the mean of s_i; {@code positive_first}, the fraction of
 * images that score above all negatives; {@code queue_fill}, the fraction of the queue that is
 * filled.
 *
 * <p>Source: Liu &amp; Abbeel 2020, "Hybrid discriminative-generative training via contrastive
 * learning" (arXiv 2007.09070): the approximation of log q(x|y) and its pseudocode. Reads {@link
 * ImageGroup#LABELED}. Immutable and thread-safe.
 */
public final class ConditionalContrastive implements LossTerm {

  private final ContrastiveForm form;
  private final double temperature;
  private final double smoothing;
  private final OptionalDouble maxLogit;
  private final NegativeQueueSettings queue;

  private ConditionalContrastive(
      ContrastiveForm form,
      double temperature,
      double smoothing,
      OptionalDouble maxLogit,
      NegativeQueueSettings queue) {
    requireNonNull(form);
    requireNonNull(queue);
    LogitScaling.check(maxLogit, temperature);
    TargetWeights.checkSmoothing(smoothing);
    this.form = form;
    this.temperature = temperature;
    this.smoothing = smoothing;
    this.maxLogit = maxLogit;
    this.queue = queue;
  }

  /**
   * Returns the settings of the published program, with a queue that starts empty.
   *
   * @return the term
   */
  public static ConditionalContrastive ofDefaults() {
    return new ConditionalContrastive(
        ContrastiveForm.REFERENCE,
        0.1,
        0,
        OptionalDouble.empty(),
        NegativeQueueSettings.ofDefaults());
  }

  /**
   * Returns a copy of this term with another form. Default: {@link ContrastiveForm#REFERENCE}.
   *
   * @param form the form, which maps logits to a score
   * @return a new term
   */
  public ConditionalContrastive withForm(ContrastiveForm form) {
    return new ConditionalContrastive(form, temperature, smoothing, maxLogit, queue);
  }

  /**
   * Returns a copy of this term with another temperature. Default: 0.1. To raise the temperature
   * together with {@link #withMaxLogit}, set the temperature first.
   *
   * @param temperature T, at least M / 300 (M = 1 with normalization)
   * @return a new term
   * @throws IllegalArgumentException if it is out of range
   */
  public ConditionalContrastive withTemperature(double temperature) {
    return new ConditionalContrastive(form, temperature, smoothing, maxLogit, queue);
  }

  /**
   * Returns a copy of this term with label smoothing. Default: 0.
   *
   * @param smoothing the smoothing e, in [0, 1 - 1/C)
   * @return a new term
   * @throws IllegalArgumentException if it is not in [0, 1)
   */
  public ConditionalContrastive withSmoothing(double smoothing) {
    return new ConditionalContrastive(form, temperature, smoothing, maxLogit, queue);
  }

  /**
   * Returns a copy of this term without normalization: logits are clamped to [-maxLogit, maxLogit]
   * and have no gradient outside. Default: logits are divided by their norm. Without a bound,
   * training with unnormalized scores diverges.
   *
   * @param maxLogit the bound, above 0, at most 300 and at most 300 times the temperature
   * @return a new term
   * @throws IllegalArgumentException if it is out of range
   */
  public ConditionalContrastive withMaxLogit(double maxLogit) {
    return new ConditionalContrastive(
        form, temperature, smoothing, OptionalDouble.of(maxLogit), queue);
  }

  /**
   * Returns a copy of this term with another queue. Default: 65,536 negatives, starting empty.
   *
   * @param queue the queue's settings; terms of the same run with equal settings share a queue
   * @return a new term
   */
  public ConditionalContrastive withQueue(NegativeQueueSettings queue) {
    return new ConditionalContrastive(form, temperature, smoothing, maxLogit, queue);
  }

  @Override
  public String name() {
    return "conditional_contrastive";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.LABELED);
  }

  @Override
  public LossFunction begin(LossSetup setup) {
    TargetWeights targets = TargetWeights.of(smoothing, setup.classes());
    Score score =
        switch (form) {
          case REFERENCE -> new Score.Reference(setup.classes(), targets);
          case PAPER -> new Score.Paper(setup.classes(), targets);
        };
    return new ContrastiveFunction(ImageGroup.LABELED, score, maxLogit, temperature, queue, setup);
  }

  /**
   * Returns the form, which maps logits to a score.
   *
   * @return the form; default {@link ContrastiveForm#REFERENCE}
   */
  public ContrastiveForm form() {
    return form;
  }

  /**
   * Returns the temperature T of the scores.
   *
   * @return the temperature, at least M / 300 (M = 1 with normalization); default 0.1
   */
  public double temperature() {
    return temperature;
  }

  /**
   * Returns the label smoothing e.
   *
   * @return the smoothing, in [0, 1); the target is 1 - e for the label and e / (C - 1) for each
   *     other class; default 0
   */
  public double smoothing() {
    return smoothing;
  }

  /**
   * Returns the bound M of unnormalized logits.
   *
   * @return above 0 and at most 300; default empty: logits are normalized
   */
  public OptionalDouble maxLogit() {
    return maxLogit;
  }

  /**
   * Returns the settings of the queue of negatives.
   *
   * @return the settings; default: capacity 65,536, initially empty
   */
  public NegativeQueueSettings queue() {
    return queue;
  }

  private List<Object> values() {
    return List.of(form, temperature, smoothing, maxLogit, queue);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConditionalContrastive that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "ConditionalContrastive[form=%s, temperature=%s, smoothing=%s, maxLogit=%s, queue=%s]",
        values().toArray());
  }
}
