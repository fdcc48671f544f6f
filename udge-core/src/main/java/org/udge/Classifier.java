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
 * What judging and serving need of a classifier: logits, and what is known beside them.
 *
 * <p>Evaluators, calibrators, thresholds, the out-of-distribution scores of logits and features,
 * and {@code EnergyScorer} take one. What needs gradients with respect to images (attacks, {@code
 * odin}, {@code pxgrad}, sampling, refinement) or parameters (training) needs an {@link
 * EnergyModel}, which is a classifier on a Deeplearning4j graph. {@code org.udge.onnx} has one on
 * an ONNX file; a classifier of another framework takes two methods:
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
 * <p>Implementations are thread-safe, and functions of their input. Arrays returned are new and the
 * caller's.
 */
public interface Classifier {

  /**
   * f(x): what a softmax makes p(y|x) of, and a log-sum-exp log p(x). Probabilities and their
   * logarithms are not logits: their log-sum-exp is 0 for every image.
   *
   * @param images floating-point, [N, C, H, W], or [N, F] for tables; not changed
   * @return N x classes logits, uncalibrated
   * @throws IllegalArgumentException if shape or type are wrong or a number is not finite
   */
  Logits logits(INDArray images);

  /**
   * Names of the classes.
   *
   * @return one for each logit; "0", "1", ... if none were given
   */
  List<String> classNames();

  /**
   * Number of classes.
   *
   * @return the number of logits
   */
  default int classCount() {
    return classNames().size();
  }

  /**
   * The shape of the images.
   *
   * @return the shape
   * @throws IllegalStateException if it is not known, as by default
   */
  default ImageShape shape() {
    throw new IllegalStateException("the shape of this classifier's images is not known: " + this);
  }

  /**
   * The range of the numbers in the classifier's images.
   *
   * @return empty if it is not known, as by default: then no number is out of range
   */
  default Optional<PixelRange> pixelRange() {
    return Optional.empty();
  }

  /**
   * The calibration that {@link #predict} applies.
   *
   * @return empty if there is none, as by default
   */
  default Optional<Calibration> calibration() {
    return Optional.empty();
  }

  /**
   * The line between in and out of distribution that the classifier keeps for a score.
   *
   * @param score name of the score, for example {@code px}
   * @return empty if there is none, as by default
   */
  default Optional<Threshold> threshold(String score) {
    return Optional.empty();
  }

  /**
   * The conformal prediction sets that the classifier keeps, of its calibrated probabilities.
   *
   * @return empty if there are none, as by default
   */
  default Optional<PredictionSets> predictionSets() {
    return Optional.empty();
  }

  /**
   * E(x) = -logsumexp_y f(x)[y], up to a constant -log p(x).
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @return N energies; lower means more like the training data
   * @throws IllegalArgumentException if shape or type are wrong or a number is not finite
   */
  default double[] energy(INDArray images) {
    return Arrays.stream(logDensity(images)).map(value -> -value).toArray();
  }

  /**
   * logsumexp_y f(x)[y]: log p(x) up to an unknown constant that is the same for all images.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @return N numbers; higher means more like the training data
   * @throws IllegalArgumentException if shape or type are wrong or a number is not finite
   */
  default double[] logDensity(INDArray images) {
    Logits logits = logits(images);
    return IntStream.range(0, logits.rows()).mapToDouble(logits::logSumExp).toArray();
  }

  /**
   * Classes and p(y|x), calibrated if there is a calibration.
   *
   * @param images [N, C, H, W], or [N, F] for tables
   * @return N predictions
   * @throws IllegalArgumentException if shape or type are wrong or a number is not finite
   */
  default Predictions predict(INDArray images) {
    Logits logits = logits(images);
    return new Predictions(calibration().map(c -> c.apply(logits)).orElse(logits));
  }
}
