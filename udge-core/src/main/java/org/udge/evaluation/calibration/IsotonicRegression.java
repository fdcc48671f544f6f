package org.udge.evaluation.calibration;

import java.util.Arrays;
import org.udge.Calibration;
import org.udge.ConfidenceCurve;
import org.udge.evaluation.LabeledLogits;
import org.udge.internal.Sorting;

/**
 * Calibrates the probability of the predicted class by the monotone step function of least squared
 * error (Zadrozny &amp; Elkan 2002; pool-adjacent-violators), with linear interpolation between its
 * steps. Assumes no functional form; needs about a thousand held-out images or more.
 *
 * <p>Values are kept at a distance of 1 / (N + 2) from 0 and 1 for N images: N correct predictions
 * in a row do not make the next one certain.
 */
public record IsotonicRegression() implements Calibrator {

  @Override
  public Calibration fit(LabeledLogits validation) {
    TopLabels top = TopLabels.of(validation);
    return Calibration.topLabel(
        curve(top.confidences(), top.right()), validation.logits().classes());
  }

  /**
   * Fits the curve: adjacent blocks are merged as long as one has a lower accuracy than the one
   * below it.
   */
  static ConfidenceCurve curve(double[] confidence, double... right) {
    int[] order = Sorting.ascending(confidence);
    int blocks = 0;
    double[] first = new double[order.length];
    double[] last = new double[order.length];
    double[] sums = new double[order.length];
    double[] counts = new double[order.length];
    for (int i : order) {
      if (blocks > 0 && last[blocks - 1] == confidence[i]) {
        sums[blocks - 1] += right[i];
        counts[blocks - 1]++;
      } else {
        first[blocks] = confidence[i];
        last[blocks] = confidence[i];
        sums[blocks] = right[i];
        counts[blocks] = 1;
        blocks++;
      }
    }
    int kept = 0;
    for (int b = 0; b < blocks; b++) {
      first[kept] = first[b];
      last[kept] = last[b];
      sums[kept] = sums[b];
      counts[kept] = counts[b];
      kept++;
      while (kept > 1 && sums[kept - 1] * counts[kept - 2] <= sums[kept - 2] * counts[kept - 1]) {
        kept--;
        last[kept - 1] = last[kept];
        sums[kept - 1] += sums[kept];
        counts[kept - 1] += counts[kept];
      }
    }
    double edge = 1.0 / (confidence.length + 2);
    double[] x = new double[2 * kept];
    double[] y = new double[2 * kept];
    int points = 0;
    for (int b = 0; b < kept; b++) {
      double value = Math.min(1 - edge, Math.max(edge, sums[b] / counts[b]));
      x[points] = first[b];
      y[points++] = value;
      if (last[b] > first[b]) {
        x[points] = last[b];
        y[points++] = value;
      }
    }
    return ConfidenceCurve.ofPoints(Arrays.copyOf(x, points), Arrays.copyOf(y, points));
  }
}
