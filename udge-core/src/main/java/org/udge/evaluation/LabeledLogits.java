package org.udge.evaluation;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.udge.Classifier;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.engine.Logits;

/**
 * The logits of a whole set with its labels, on which calibrators are fitted. Requires eight bytes
 * per image and class.
 *
 * <p>Immutable and thread-safe.
 */
public final class LabeledLogits {

  private static final int BATCH = 128;

  private final Logits logits;
  private final int[] labels;

  private LabeledLogits(Logits logits, int[] labels) {
    this.logits = logits;
    this.labels = labels;
  }

  /**
   * Returns logits with their labels.
   *
   * @param logits [N, C], finite
   * @param labels N class indices; copied
   * @return the labeled logits
   * @throws IllegalArgumentException if the counts differ, there are fewer than 2 classes, a label
   *     is missing or out of range, or a logit is not finite
   */
  public static LabeledLogits of(Logits logits, int... labels) {
    checkArgument(logits.rows() > 0, "there must be at least one row of logits");
    checkArgument(
        logits.classes() > 1, "there must be at least 2 classes, was %s", logits.classes());
    checkArgument(
        logits.rows() == labels.length,
        "there must be a label for each row of logits: %s rows, %s labels",
        logits.rows(),
        labels.length);
    for (int i = 0; i < labels.length; i++) {
      checkArgument(labels[i] != Batch.UNLABELED, "image %s has no label", i);
      checkArgument(
          labels[i] >= 0 && labels[i] < logits.classes(),
          "labels must be 0 to %s, that of image %s is %s",
          logits.classes() - 1,
          i,
          labels[i]);
    }
    return new LabeledLogits(logits.requireFinite(), labels.clone());
  }

  /**
   * Runs a classifier on a set.
   *
   * @param model the classifier
   * @param source labeled images
   * @return the logits of all images, in order
   * @throws IllegalArgumentException if the set is empty, or its classes are not {@linkplain
   *     ImageSource#matchedTo the model's}
   * @throws IllegalStateException if an image has no label
   */
  public static LabeledLogits of(Classifier model, ImageSource source) {
    checkArgument(source.size() > 0, "%s is empty", source.name());
    List<Logits> parts = new ArrayList<>();
    int[] labels = new int[source.size()];
    int position = 0;
    for (Batch batch : source.matchedTo(model.classNames()).batches(BATCH)) {
      try (batch) {
        System.arraycopy(batch.requireLabels(), 0, labels, position, batch.size());
        position += batch.size();
        parts.add(model.logits(batch.images()));
      }
    }
    return of(Logits.concatenate(parts), labels);
  }

  /**
   * Returns the logits.
   *
   * @return [N, C]
   */
  public Logits logits() {
    return logits;
  }

  /**
   * Returns the labels.
   *
   * @return N class indices; a copy
   */
  public int[] labels() {
    return labels.clone();
  }

  /**
   * Returns the number of images.
   *
   * @return N, at least 1
   */
  public int size() {
    return labels.length;
  }

  /**
   * Returns which images are classified correctly, for {@link Bootstrap#mean}.
   *
   * @return N numbers in a new array, 1 where the most probable class is the label and 0 elsewhere
   */
  public double[] correct() {
    double[] correct = new double[labels.length];
    for (int i = 0; i < correct.length; i++) {
      correct[i] = logits.argMax(i) == labels[i] ? 1 : 0;
    }
    return correct;
  }

  /**
   * Returns the label of one image.
   *
   * @param row 0 to N - 1
   * @return the class index
   */
  public int label(int row) {
    return labels[row];
  }

  /**
   * Evaluates these logits.
   *
   * @param evaluator an evaluator that needs only logits and labels
   * @param <R> the type of the result
   * @return the result
   */
  public <R extends EvaluationResult> R evaluate(Evaluator<R> evaluator) {
    Accumulator<R> accumulator = evaluator.begin();
    accumulator.update(logits, labels);
    return accumulator.compute();
  }
}
