package org.udge.evaluation.detection;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.engine.Logits;
import org.udge.evaluation.EvaluationBatch;
import org.udge.internal.Checks;
import org.udge.internal.HostImages;
import org.udge.loss.ContrastiveForm;

/**
 * The out-of-distribution scores that come with the library.
 *
 * <table>
 *   <caption>Which score to choose</caption>
 *   <tr><th>name</th><th>score</th><th>needs</th></tr>
 *   <tr><td>{@code px}</td><td>{@link #logDensity()}: the choice for models trained with a
 *       generative term</td><td>logits</td></tr>
 *   <tr><td>{@code py}</td><td>{@link #maxProbability()}: the choice for ordinary classifiers
 *       </td><td>logits</td></tr>
 *   <tr><td>{@code max_logit}</td><td>{@link #maxLogit()}</td><td>logits</td></tr>
 *   <tr><td>{@code entropy}</td><td>{@link #negativeEntropy()}</td><td>logits</td></tr>
 *   <tr><td>{@code energy}</td><td>{@link #energy(double)}</td><td>logits</td></tr>
 *   <tr><td>{@code gen}</td><td>{@link #generalizedEntropy()}</td><td>logits</td></tr>
 *   <tr><td>{@code pxsim}</td><td>{@link #contrastiveSimilarity(Logits)}</td><td>logits, and those of a queue of images</td></tr>
 *   <tr><td>{@code pxgrad}</td><td>{@link #approximateMass()}</td><td>input gradient</td></tr>
 *   <tr><td>{@code odin}</td><td>{@link #odin()}</td><td>input gradient and a second
 *       pass</td></tr>
 *   <tr><td>{@code mahalanobis}</td><td>{@link org.udge.evaluation.features.Mahalanobis}</td><td>features of training
 *       images</td></tr>
 *   <tr><td>{@code knn}</td><td>{@link org.udge.evaluation.features.NearestNeighbors}</td><td>features of training
 *       images</td></tr>
 *   <tr><td>{@code rmds}</td><td>{@link org.udge.evaluation.features.RelativeMahalanobis}</td><td>features of labeled training images</td></tr>
 *   <tr><td>{@code fdbd}</td><td>{@link org.udge.evaluation.features.DecisionBoundaryDistance}</td><td>mean features of training images, last layer</td></tr>
 *   <tr><td>{@code nci}</td><td>{@link org.udge.evaluation.features.NeuralCollapse}</td><td>mean features of training images, last layer</td></tr>
 *   <tr><td>{@code vim}</td><td>{@link org.udge.evaluation.features.VirtualLogit}</td><td>features of training images, last layer</td></tr>
 *   <tr><td>{@code relation}</td><td>{@link org.udge.evaluation.features.Relation}</td><td>features of training images, last layer</td></tr>
 * </table>
 */
public final class OutOfDistributionScores {

  private static final List<OutOfDistributionScore> WITHOUT_SETTINGS =
      List.of(
          ofRows("px", (logits, i) -> logits.logSumExp(i)),
          ofRows("py", (logits, i) -> Math.exp(logits.logProbability(i, logits.argMax(i)))),
          ofRows("max_logit", (logits, i) -> logits.get(i, logits.argMax(i))),
          ofRows("entropy", OutOfDistributionScores::negativeEntropy),
          new ApproximateMass());

  private OutOfDistributionScores() {}

  /** A score that is a function of an image's logits. */
  private record OfLogits(String name, ToDoubleBiFunction<Logits, Integer> function)
      implements OutOfDistributionScore {
    @Override
    public double[] score(EvaluationBatch batch) {
      Logits logits = batch.logits();
      logits.requireFinite();
      return IntStream.range(0, logits.rows())
          .mapToDouble(i -> function.applyAsDouble(logits, i))
          .toArray();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static OutOfDistributionScore ofRows(
      String name, ToDoubleBiFunction<Logits, Integer> function) {
    return new OfLogits(name, function);
  }

  /**
   * Returns a score without settings, by the name that the published program uses.
   *
   * @param name the name: {@code px}, {@code py}, {@code pxgrad}, {@code max_logit} or {@code
   *     entropy}
   * @return the score
   * @throws IllegalArgumentException if there is no score of that name
   */
  public static OutOfDistributionScore named(String name) {
    return WITHOUT_SETTINGS.stream()
        .filter(score -> score.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no score '"
                        + name
                        + "', there are "
                        + WITHOUT_SETTINGS.stream().map(OutOfDistributionScore::name).toList()));
  }

  /**
   * Returns {@code px}: log p(x) = logsumexp_y f(x)[y], up to a constant (Grathwohl et al. 2020,
   * section 5.3.1).
   *
   * @return the score
   */
  public static OutOfDistributionScore logDensity() {
    return named("px");
  }

  /**
   * Returns {@code py}: max_y p(y|x), uncalibrated (Hendrycks &amp; Gimpel 2017).
   *
   * @return the score
   */
  public static OutOfDistributionScore maxProbability() {
    return named("py");
  }

  /**
   * Returns {@code pxgrad}: -||d log p(x)/dx||_2, which is high where the density changes little
   * around the image (Grathwohl et al. 2020, equation 10, "approximate mass").
   *
   * @return the score
   */
  public static OutOfDistributionScore approximateMass() {
    return named("pxgrad");
  }

  /**
   * Returns {@code max_logit}: max_y f(x)[y] (Hendrycks et al. 2022).
   *
   * @return the score
   */
  public static OutOfDistributionScore maxLogit() {
    return named("max_logit");
  }

  /**
   * Returns {@code entropy}: the negated entropy of p(y|x), sum_y p(y|x) log p(y|x), in nats.
   *
   * @return the score
   */
  public static OutOfDistributionScore negativeEntropy() {
    return named("entropy");
  }

  private static double negativeEntropy(Logits logits, int row) {
    double sum = 0;
    double logSum = logits.logSumExp(row);
    for (double logit : logits.row(row)) {
      double logProbability = logit - logSum;
      sum += Math.exp(logProbability) * logProbability;
    }
    return sum;
  }

  /**
   * Returns {@code energy}: T logsumexp_y (f(x)[y] / T) (Liu et al. 2020, "Energy-based
   * out-of-distribution detection", equation 4); equal to {@code px} at T = 1.
   *
   * @param temperature the temperature T, positive
   * @return the score
   * @throws IllegalArgumentException if the temperature is not positive
   */
  public static OutOfDistributionScore energy(double temperature) {
    Checks.positive("temperature", temperature);
    return ofRows("energy", (logits, i) -> temperature * logSumExp(logits, i, temperature));
  }

  private static double logSumExp(Logits logits, int row, double temperature) {
    double largest = logits.get(row, logits.argMax(row));
    double sum = 0;
    for (double logit : logits.row(row)) {
      sum += Math.exp((logit - largest) / temperature);
    }
    return largest / temperature + Math.log(sum);
  }

  /**
   * Returns {@code gen} with the published constants: gamma 0.1 over the 100 most probable classes.
   *
   * @return the score
   */
  public static OutOfDistributionScore generalizedEntropy() {
    return generalizedEntropy(0.1, 100);
  }

  /**
   * Returns {@code gen}: -sum_j p_j^gamma (1 - p_j)^gamma over the M largest p_j of p(y|x) (Liu et
   * al. 2023, "GEN: Pushing the limits of softmax-based out-of-distribution detection", equation
   * 5).
   *
   * @param gamma the exponent, above 0 and below 1; small values distinguish small probabilities;
   *     published: 0.1
   * @param classes the number M of classes, at least 1; all if there are fewer; published: 100
   * @return the score
   * @throws IllegalArgumentException if a number is out of range
   */
  public static OutOfDistributionScore generalizedEntropy(double gamma, int classes) {
    Checks.probability("gamma", gamma);
    Checks.atLeast(1, "classes", classes);
    return ofRows(
        "gen",
        (logits, i) -> {
          double[] p = logits.probabilities(i);
          Arrays.sort(p);
          double sum = 0;
          for (int j = p.length - 1; j >= Math.max(0, p.length - classes); j--) {
            // Because of rounding, a probability may be slightly above 1.
            sum += Math.pow(p[j] * Math.max(0, 1 - p[j]), gamma);
          }
          return -sum;
        });
  }

  /**
   * Returns {@code odin} with the published constants for CIFAR-10: temperature 1000, epsilon
   * 0.0014 (Liang et al. 2018, section 4).
   *
   * @return the score
   */
  public static OutOfDistributionScore odin() {
    return odin(1000, 0.0014);
  }

  /**
   * Returns {@code odin}: max_y softmax(f(x') / T)[y] at x' = x + epsilon sign(d/dx log max_y
   * softmax(f(x) / T)[y]) (Liang et al. 2018, equations 1 and 2).
   *
   * @param temperature the temperature T, positive; published: 1000
   * @param epsilon the size of the step in units of [0, 1] pixels, not negative; published: 0.0014
   * @return the score
   * @throws IllegalArgumentException if a number is out of range
   */
  public static OutOfDistributionScore odin(double temperature, double epsilon) {
    Checks.positive("temperature", temperature);
    checkArgument(
        epsilon >= 0 && Double.isFinite(epsilon), "epsilon must not be negative, was %s", epsilon);
    return new Odin(temperature, epsilon);
  }

  /**
   * Returns {@code pxsim} with the default settings of contrastive training: form {@code
   * REFERENCE}, temperature 0.1.
   *
   * @param negatives the logits of K images, for example of the queue at the end of training
   * @return the score
   */
  public static ContrastiveSimilarity contrastiveSimilarity(Logits negatives) {
    return new ContrastiveSimilarity(negatives, ContrastiveForm.REFERENCE, 0.1, false);
  }

  private record ApproximateMass() implements OutOfDistributionScore {
    @Override
    public String name() {
      return "pxgrad";
    }

    @Override
    public double[] score(EvaluationBatch batch) {
      double[] norms =
          HostImages.norms(HostImages.copy(batch.energyGradient("score 'pxgrad'")), batch.size());
      for (int i = 0; i < norms.length; i++) {
        norms[i] = -norms[i];
      }
      return norms;
    }
  }

  private record Odin(double temperature, double epsilon) implements OutOfDistributionScore {
    @Override
    public String name() {
      return "odin";
    }

    @Override
    public double[] score(EvaluationBatch batch) {
      INDArray images = batch.images();
      EnergyModel model = batch.model("score 'odin'");
      INDArray gradient =
          model.inputGradient(images, (logits, first) -> logProbabilityGradient(logits));
      float[] pixels = HostImages.copy(images);
      float[] slope = HostImages.copy(gradient);
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] += (float) (HostImages.UNIT * epsilon) * Math.signum(slope[i]);
      }
      Logits moved = model.logits(HostImages.array(pixels, images.shape()));
      return IntStream.range(0, moved.rows())
          .mapToDouble(
              i ->
                  Math.exp(
                      moved.get(i, moved.argMax(i)) / temperature
                          - logSumExp(moved, i, temperature)))
          .toArray();
    }

    /**
     * Computes the gradient of log max_y softmax(f / T)[y] with respect to f, without the positive
     * factor 1 / T.
     */
    private double[][] logProbabilityGradient(Logits logits) {
      double[][] gradient = new double[logits.rows()][];
      for (int i = 0; i < gradient.length; i++) {
        double logSum = logSumExp(logits, i, temperature);
        gradient[i] = logits.row(i);
        for (int c = 0; c < gradient[i].length; c++) {
          gradient[i][c] = -Math.exp(gradient[i][c] / temperature - logSum);
        }
        gradient[i][logits.argMax(i)] += 1;
      }
      return gradient;
    }
  }
}
