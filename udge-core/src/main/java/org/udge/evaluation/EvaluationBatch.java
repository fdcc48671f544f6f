package org.udge.evaluation;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkState;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Classifier;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.engine.Logits;

/**
 * A batch of images, their labels, and the model's output for them, which is computed lazily and
 * once for all evaluators.
 *
 * <p>Not thread-safe. Images and labels are never modified.
 */
public final class EvaluationBatch {

  private final Optional<Classifier> model;
  private final Optional<INDArray> images;
  private final int[] labels;
  private final Optional<String> outOfDistributionSet;
  private @Nullable Logits logits;
  private @Nullable INDArray energyGradient;
  private final Map<Object, Object> kept;

  private EvaluationBatch(
      Optional<Classifier> model,
      Optional<INDArray> images,
      @Nullable Logits logits,
      int[] labels,
      Optional<String> outOfDistributionSet,
      Map<Object, Object> kept) {
    this.model = model;
    this.images = images;
    this.logits = logits;
    this.labels = labels;
    this.outOfDistributionSet = outOfDistributionSet;
    this.kept = kept;
  }

  /**
   * Returns a batch of logits without images, which is sufficient for evaluators of probabilities.
   *
   * @param logits [N, C]
   * @param labels N class indices, or {@link Batch#UNLABELED}
   * @return the batch
   */
  public static EvaluationBatch of(Logits logits, int... labels) {
    return new EvaluationBatch(
        Optional.empty(),
        Optional.empty(),
        requireNonNull(logits),
        labels,
        Optional.empty(),
        new HashMap<>());
  }

  /**
   * Returns a batch of images with the classifier under evaluation.
   *
   * @param model the classifier
   * @param images float32, [N, C, H, W]; must not be modified as long as the batch is in use
   * @param labels N class indices, or {@link Batch#UNLABELED}
   * @return the batch
   */
  public static EvaluationBatch of(Classifier model, INDArray images, int... labels) {
    return new EvaluationBatch(
        Optional.of(model), Optional.of(images), null, labels, Optional.empty(), new HashMap<>());
  }

  /**
   * Returns the same batch, marked as belonging to a further set that an evaluator requested.
   *
   * @param set the name of the set, one of {@link Evaluator#outOfDistributionSets()}
   * @return a new batch
   */
  public EvaluationBatch ofOutOfDistributionSet(String set) {
    return new EvaluationBatch(model, images, logits, labels, Optional.of(set), kept);
  }

  /**
   * Returns the further set to which the images belong.
   *
   * @return the name of the set; empty if the images belong to the set under evaluation
   */
  public Optional<String> outOfDistributionSet() {
    return outOfDistributionSet;
  }

  /**
   * Returns the number of images.
   *
   * @return N
   */
  public int size() {
    return labels.length;
  }

  /**
   * Returns the labels.
   *
   * @return N class indices, or {@link Batch#UNLABELED}; owned by the batch
   */
  public int[] labels() {
    return labels;
  }

  /**
   * Returns the labels, all of which must be known.
   *
   * @return N class indices; owned by the batch
   * @throws IllegalStateException if one is {@link Batch#UNLABELED}
   */
  public int[] requireLabels() {
    for (int i = 0; i < labels.length; i++) {
      checkState(labels[i] != Batch.UNLABELED, "image %s of the batch has no label", i);
    }
    return labels;
  }

  /**
   * Returns the logits f(x), uncalibrated.
   *
   * @return [N, C]
   */
  public Logits logits() {
    if (logits == null) {
      logits = classifier().logits(images());
    }
    return logits;
  }

  /**
   * Returns the logits f(x), uncalibrated, with the labels; all labels must be known and all logits
   * finite.
   *
   * @return the labeled logits
   * @throws IllegalStateException if an image has no label
   * @throws IllegalArgumentException if a label is out of range, a logit is not finite, or there
   *     are fewer than 2 classes
   */
  public LabeledLogits labeledLogits() {
    int[] known = requireLabels();
    return LabeledLogits.of(logits(), known);
  }

  /**
   * Returns the names of the classes.
   *
   * @return the model's; "0", "1", ... without a model
   */
  public List<String> classNames() {
    return model
        .map(Classifier::classNames)
        .orElseGet(
            () -> IntStream.range(0, logits().classes()).mapToObj(Integer::toString).toList());
  }

  /**
   * Returns the images.
   *
   * @return float32, [N, C, H, W]; owned by the batch
   * @throws IllegalStateException if the batch has only logits
   */
  public INDArray images() {
    return images.orElseThrow(
        () -> new IllegalStateException("this needs images, the batch has only logits"));
  }

  /**
   * Returns the classifier under evaluation.
   *
   * @return the classifier
   * @throws IllegalStateException if the batch has only logits
   */
  public Classifier classifier() {
    return model.orElseThrow(
        () -> new IllegalStateException("this needs the model, the batch has only logits"));
  }

  /**
   * Returns the model under evaluation, for callers that need more than its logits.
   *
   * @param asker the caller, for the message: {@code "score 'odin'"}
   * @return the model
   * @throws IllegalStateException if the batch has only logits, or the classifier under evaluation
   *     does not provide gradients
   */
  public EnergyModel model(String asker) {
    if (classifier() instanceof EnergyModel found) {
      return found;
    }
    throw new IllegalStateException(
        asker
            + " needs gradients with respect to images: an EnergyModel provides them, "
            + classifier()
            + " provides only logits");
  }

  /**
   * Returns the gradient dE(x)/dx.
   *
   * @param asker the caller, for the message: {@code "score 'pxgrad'"}
   * @return float32, [N, C, H, W]; owned by the batch
   * @throws IllegalStateException if the batch has only logits, or the classifier under evaluation
   *     does not provide gradients
   */
  public INDArray energyGradient(String asker) {
    if (energyGradient == null) {
      energyGradient = model(asker).energyGradient(images());
    }
    return energyGradient;
  }

  /**
   * Returns a value that several scores compute from the images, such as features, computing it on
   * the first request.
   *
   * @param key identifies the value; equal for all callers that request the same one
   * @param type the class of the value
   * @param computation computes the value
   * @param <T> its type
   * @return the value computed for the first caller; must not be modified
   */
  public <T> T once(Object key, Class<T> type, Supplier<T> computation) {
    return type.cast(kept.computeIfAbsent(key, ignored -> computation.get()));
  }
}
