package org.udge;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.Logits;

/**
 * The view of a classifier that evaluation and serving need: logits and metadata.
 *
 * <p>Evaluators, calibrators, thresholds, the out-of-distribution scores of logits and features,
 * and {@code EnergyScorer} accept any classifier. Whatever needs gradients with respect to images
 * (attacks, {@code odin}, {@code pxgrad}, sampling, refinement) or parameters (training) requires
 * an {@link EnergyModel}, which is a classifier on a Deeplearning4j graph. {@code org.udge.onnx}
 * provides one for ONNX files; a classifier of another framework needs only two methods:
 *
 * <pre>{@code
 * Classifier remote =
 *     new Classifier() {
 *       public Logits logits(INDArray images) {
 *         return Logits.of(new double[(int) images.size(0)][2]); // ask the service
 *       }
 *
 *       public List<String> classNames() {
 *         return List.of("cat", "dog");
 *       }
 *     };
 * System.out.println(EnergyScorer.of(remote).score(images));
 * }</pre>
 *
 * <p>Implementations must be thread-safe and deterministic functions of their input. The arrays
 * they return are new and belong to the caller.
 */
public interface Classifier {

  /**
   * Computes the logits f(x), whose softmax is p(y|x) and whose log-sum-exp is log p(x) up to a
   * constant. Probabilities and log-probabilities are not logits: the log-sum-exp of the latter is
   * 0 for every image.
   *
   * @param images floating-point, [N, C, H, W], or [N, F] for tables; not changed
   * @return N x classes logits, uncalibrated
   * @throws IllegalArgumentException if the shape or the type is wrong or a number is not finite
   */
  Logits logits(INDArray images);

  /**
   * Returns the names of the classes.
   *
   * @return one name per logit; "0", "1", ... if none were given
   */
  List<String> classNames();

  /**
   * Returns the number of classes.
   *
   * @return the number of logits
   */
  default int classCount() {
    return classNames().size();
  }

  /**
   * Returns the shape of the images.
   *
   * @return the shape
   * @throws IllegalStateException if the shape is unknown, which is the default
   */
  default ImageShape shape() {
    throw new IllegalStateException("the shape of this classifier's images is not known: " + this);
  }

  /**
   * Returns the range of pixel values that the classifier expects.
   *
   * @return empty if it is unknown, which is the default: then no value is out of range
   */
  default Optional<PixelRange> pixelRange() {
    return Optional.empty();
  }

  /**
   * Returns the calibration that {@link #predict} applies.
   *
   * @return empty if there is none, which is the default
   */
  default Optional<Calibration> calibration() {
    return Optional.empty();
  }

  /**
   * Returns the out-of-distribution threshold that the classifier stores for a score.
   *
   * @param score the name of the score, for example {@code px}
   * @return empty if there is none, which is the default
   */
  default Optional<Threshold> threshold(String score) {
    return Optional.empty();
  }

  /**
   * Returns the conformal prediction sets that the classifier stores for its calibrated
   * probabilities.
   *
   * @return empty if there are none, which is the default
   */
  default Optional<PredictionSets> predictionSets() {
    return Optional.empty();
  }

  /**
   * Computes E(x) = -logsumexp_y f(x)[y], which is -log p(x) up to an additive constant.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @return N energies; lower means more like the training data
   * @throws IllegalArgumentException if the shape or the type is wrong or a number is not finite
   */
  default double[] energy(INDArray images) {
    return Arrays.stream(logDensity(images)).map(value -> -value).toArray();
  }

  /**
   * Computes logsumexp_y f(x)[y], which is log p(x) up to an unknown additive constant that is the
   * same for all images.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @return N numbers; higher means more like the training data
   * @throws IllegalArgumentException if the shape or the type is wrong or a number is not finite
   */
  default double[] logDensity(INDArray images) {
    Logits logits = logits(images);
    return IntStream.range(0, logits.rows()).mapToDouble(logits::logSumExp).toArray();
  }

  /**
   * Predicts the class and p(y|x) of each image, calibrated if there is a calibration.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @return N predictions
   * @throws IllegalArgumentException if the shape or the type is wrong or a number is not finite
   */
  default Predictions predict(INDArray images) {
    Logits logits = logits(images);
    return new Predictions(calibration().map(c -> c.apply(logits)).orElse(logits));
  }
}
