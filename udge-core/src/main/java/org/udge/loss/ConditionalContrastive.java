package org.udge.loss;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * -log p(x|y), approximated by contrast: an image should score higher under its label than the last
 * K images did under that label.
 *
 * <p>Value: (1/N) sum_i log(1 + exp(Neg[y_i] - s_i / T)), in nats, 0 or more, <em>mean</em> over
 * the N labeled images; to be minimized. Here
 *
 * <ul>
 *   <li>p_i = f(x_i) / ||f(x_i)||_2, or f(x_i) clamped to [-M, M] with {@link #withMaxLogit};
 *   <li>s_i is the score of p_i under y_i: see {@link ContrastiveForm};
 *   <li>Neg[y] = logsumexp_k s_y(q_k) / T over the queue's columns, scaled and scored likewise;
 *       images of the same class count as negatives too.
 * </ul>
 *
 * This is the cross entropy of picking the image among itself and K negatives: log(K + 1) if all
 * score the same. A full queue with the {@code REFERENCE} form can never get far below: with K =
 * 65,536 and T = 0.1, 8.85 for 10 classes and 10.86 for 100.
 *
 * <p>Gradient: closed form, through p only; no gradient goes into the queue. With normalization it
 * is orthogonal to f(x), so this term does not train the length of f(x).
 *
 * <p>Cost: a step scores N images and N new columns of the queue, O(N C), and adds up O(C log K)
 * partial sums.
 *
 * <p>A batch enters the queue after the step ({@link LossFunction#remember}): it is never its own
 * negative. Terms of one run with equal queue settings share the queue: see {@link
 * NegativeQueueSettings}.
 *
 * <p>Metrics: {@code positive_score}, the mean of s_i; {@code positive_first}, the fraction of
 * images that score above all negatives; {@code queue_fill}, the filled fraction of the queue.
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
   * The settings of the published program, with a queue that starts empty.
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
   * This term with another form. Default: {@link ContrastiveForm#REFERENCE}.
   *
   * @param form how logits become a score
   * @return a new term
   */
  public ConditionalContrastive withForm(ContrastiveForm form) {
    return new ConditionalContrastive(form, temperature, smoothing, maxLogit, queue);
  }

  /**
   * This term with another temperature. Default: 0.1. With {@link #withMaxLogit}, set the
   * temperature first if it is to be raised.
   *
   * @param temperature T, at least M / 300 (M = 1 with normalization)
   * @return a new term
   * @throws IllegalArgumentException if it is out of range
   */
  public ConditionalContrastive withTemperature(double temperature) {
    return new ConditionalContrastive(form, temperature, smoothing, maxLogit, queue);
  }

  /**
   * This term with label smoothing. Default: 0.
   *
   * @param smoothing e, in [0, 1 - 1/C)
   * @return a new term
   * @throws IllegalArgumentException if it is not in [0, 1)
   */
  public ConditionalContrastive withSmoothing(double smoothing) {
    return new ConditionalContrastive(form, temperature, smoothing, maxLogit, queue);
  }

  /**
   * This term without normalization: logits are clamped to [-maxLogit, maxLogit], and get no
   * gradient outside. Default: logits are divided by their length. Without a bound, training with
   * un-normalized scores diverges.
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
   * This term with another queue. Default: 65,536 negatives, starting empty.
   *
   * @param queue the queue's settings; terms of a run with equal settings share a queue
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
   * How logits become a score.
   *
   * @return default {@link ContrastiveForm#REFERENCE}
   */
  public ContrastiveForm form() {
    return form;
  }

  /**
   * Temperature T of the scores.
   *
   * @return at least M / 300 (M = 1 with normalization); default 0.1
   */
  public double temperature() {
    return temperature;
  }

  /**
   * Label smoothing e.
   *
   * @return in [0, 1); the target is 1 - e for the label and e / (C - 1) for each other class;
   *     default 0
   */
  public double smoothing() {
    return smoothing;
  }

  /**
   * The bound M of logits that are not normalized.
   *
   * @return above 0 and at most 300; default empty: logits are normalized
   */
  public OptionalDouble maxLogit() {
    return maxLogit;
  }

  /**
   * The queue of negatives.
   *
   * @return default: 65,536, starting empty
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
