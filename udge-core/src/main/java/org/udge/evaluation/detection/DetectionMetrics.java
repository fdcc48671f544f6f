package org.udge.evaluation.detection;

import static org.udge.evaluation.Direction.HIGHER_IS_BETTER;
import static org.udge.evaluation.Direction.LOWER_IS_BETTER;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.evaluation.Metric;
import org.udge.internal.Checks;

/**
 * The performance of a score in separating in-distribution from out-of-distribution images.
 * In-distribution images are the positive class and should have higher scores; images of equal
 * score are always on the same side of a threshold.
 *
 * @param inImages the number of in-distribution images (positive)
 * @param outImages the number of out-of-distribution images (negative)
 * @param auroc the area under the receiver operating characteristic: the probability that a random
 *     positive scores above a random negative, where ties count one half; 0.5 is chance, higher is
 *     better
 * @param auprIn the average precision with in-distribution as the positive class; chance is the
 *     fraction of positives; higher is better
 * @param auprOut the average precision with out-of-distribution as the positive class and negated
 *     scores; higher is better
 * @param fprAt95Tpr the fraction of out-of-distribution images accepted at the highest threshold
 *     that accepts at least 95 % of in-distribution images; lower is better
 * @param detectionError the least mean of the two error rates over all thresholds, min (1 - TPR +
 *     FPR) / 2 (Liang et al. 2018, equal priors); 0.5 is chance, lower is better
 */
public record DetectionMetrics(
    long inImages,
    long outImages,
    double auroc,
    double auprIn,
    double auprOut,
    double fprAt95Tpr,
    double detectionError) {

  private static final double TPR = 0.95;

  /**
   * Computes the metrics from scores.
   *
   * @param inScores scores of in-distribution images
   * @param outScores scores of out-of-distribution images
   * @return the metrics
   * @throws IllegalArgumentException if one of the sets is empty, or a score is NaN
   */
  public static DetectionMetrics of(double[] inScores, double[] outScores) {
    return new RankedScores(inScores, outScores).metrics();
  }

  /**
   * Computes only the area under the receiver operating characteristic, for loops such as the
   * bootstrap.
   *
   * @param inScores scores of in-distribution images
   * @param outScores scores of out-of-distribution images
   * @return the area, 0 to 1; higher is better
   * @throws IllegalArgumentException if one of the sets is empty, or a score is NaN
   */
  public static double auroc(double[] inScores, double[] outScores) {
    return new RankedScores(inScores, outScores).auroc();
  }

  /**
   * Returns the metrics, with keys that begin with a prefix.
   *
   * @param prefix the prefix, for example {@code ood/svhn/px}
   * @return the metrics
   */
  public List<Metric> metrics(String prefix) {
    return List.of(
        new Metric(prefix + "/auroc", auroc, HIGHER_IS_BETTER),
        new Metric(prefix + "/aupr_in", auprIn, HIGHER_IS_BETTER),
        new Metric(prefix + "/aupr_out", auprOut, HIGHER_IS_BETTER),
        new Metric(prefix + "/fpr_at_95_tpr", fprAt95Tpr, LOWER_IS_BETTER),
        new Metric(prefix + "/detection_error", detectionError, LOWER_IS_BETTER));
  }

  /**
   * Returns the metrics in machine-readable form.
   *
   * @return numbers by name
   */
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("in_images", inImages);
    details.put("out_images", outImages);
    details.put("auroc", auroc);
    details.put("aupr_in", auprIn);
    details.put("aupr_out", auprOut);
    details.put("fpr_at_95_tpr", fprAt95Tpr);
    details.put("detection_error", detectionError);
    return details;
  }

  /**
   * Returns a table.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    return "Detection: "
        + inImages
        + " images in distribution (positive), "
        + outImages
        + " out of it\n"
        + Metric.table(metrics("ood"));
  }

  /** Both sets, sorted; {@code walk} visits the thresholds at which a count changes. */
  private static final class RankedScores {

    private final double[] in;
    private final double[] out;

    RankedScores(double[] inScores, double[] outScores) {
      in = Checks.scores("in-distribution", inScores).clone();
      out = Checks.scores("out-of-distribution", outScores).clone();
      Arrays.sort(in);
      Arrays.sort(out);
    }

    /**
     * Receives the counts of scores at or above each threshold, in descending order of thresholds.
     */
    @FunctionalInterface
    interface Visitor {
      void visit(int inAbove, int outAbove);
    }

    private void walk(Visitor visitor) {
      int i = in.length;
      int o = out.length;
      while (i > 0 || o > 0) {
        double threshold = Math.max(i > 0 ? in[i - 1] : out[o - 1], o > 0 ? out[o - 1] : in[i - 1]);
        while (i > 0 && in[i - 1] >= threshold) {
          i--;
        }
        while (o > 0 && out[o - 1] >= threshold) {
          o--;
        }
        visitor.visit(in.length - i, out.length - o);
      }
    }

    /** Computes the area by the trapezoidal rule, for which ties count one half. */
    double auroc() {
      double[] area = {0};
      int[] last = {0, 0};
      walk(
          (inAbove, outAbove) -> {
            area[0] += (outAbove - last[1]) * (inAbove + (double) last[0]) / 2;
            last[0] = inAbove;
            last[1] = outAbove;
          });
      return area[0] / ((double) in.length * out.length);
    }

    DetectionMetrics metrics() {
      double[] error = {0.5};
      double[] falsePositives = {1};
      boolean[] reached = {false};
      walk(
          (inAbove, outAbove) -> {
            double tpr = (double) inAbove / in.length;
            double fpr = (double) outAbove / out.length;
            error[0] = Math.min(error[0], (1 - tpr + fpr) / 2);
            if (tpr >= TPR && !reached[0]) {
              reached[0] = true;
              falsePositives[0] = fpr;
            }
          });
      return new DetectionMetrics(
          in.length,
          out.length,
          auroc(),
          averagePrecision(),
          negated().averagePrecision(),
          falsePositives[0],
          error[0]);
    }

    private RankedScores negated() {
      return new RankedScores(
          Arrays.stream(out).map(s -> -s).toArray(), Arrays.stream(in).map(s -> -s).toArray());
    }

    /**
     * Computes the sum over thresholds of (gain in recall) x precision; the first array is the
     * positive class.
     */
    private double averagePrecision() {
      double[] sum = {0};
      int[] last = {0};
      walk(
          (inAbove, outAbove) -> {
            sum[0] += (double) (inAbove - last[0]) * inAbove / (inAbove + outAbove);
            last[0] = inAbove;
          });
      return sum[0] / in.length;
    }
  }
}
