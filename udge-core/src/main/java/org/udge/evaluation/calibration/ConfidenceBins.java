package org.udge.evaluation.calibration;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.udge.state.State;

/** Accumulated sums over bins (lo, hi] of equal width over [0, 1]; 0 belongs to the first. */
final class ConfidenceBins {

  private final long[] counts;
  private final long[] correct;
  private final double[] confidence;
  private final double[] variance;

  ConfidenceBins(int bins) {
    counts = new long[bins];
    correct = new long[bins];
    confidence = new double[bins];
    variance = new double[bins];
  }

  void add(double value, boolean right) {
    int bin = index(value, counts.length);
    counts[bin]++;
    confidence[bin] += value;
    variance[bin] += value * (1 - value);
    if (right) {
      correct[bin]++;
    }
  }

  /** Returns the bin whose edges i / bins and (i + 1) / bins, as doubles, enclose the value. */
  static int index(double value, int bins) {
    int bin = Math.min(bins - 1, Math.max(0, (int) Math.ceil(value * bins) - 1));
    // The product is rounded: compare with the edges themselves.
    if (bin > 0 && value <= (double) bin / bins) {
      return bin - 1;
    }
    if (bin < bins - 1 && value > (bin + 1.0) / bins) {
      return bin + 1;
    }
    return bin;
  }

  void merge(ConfidenceBins other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
      correct[i] += other.correct[i];
      confidence[i] += other.confidence[i];
      variance[i] += other.variance[i];
    }
  }

  State captureState() {
    return State.builder()
        .put("counts", counts)
        .put("correct", correct)
        .put("confidence", confidence)
        .put("variance", variance)
        .build();
  }

  static ConfidenceBins of(State state, int bins) {
    ConfidenceBins restored = new ConfidenceBins(bins);
    copy(state.getLongs("counts"), restored.counts);
    copy(state.getLongs("correct"), restored.correct);
    copy(state.getDoubles("confidence"), restored.confidence);
    copy(state.getDoubles("variance"), restored.variance);
    return restored;
  }

  private static void copy(double[] from, double[] to) {
    checkLength(from.length, to.length);
    System.arraycopy(from, 0, to, 0, to.length);
  }

  private static void copy(long[] from, long[] to) {
    checkLength(from.length, to.length);
    System.arraycopy(from, 0, to, 0, to.length);
  }

  private static void checkLength(int found, int bins) {
    checkArgument(found == bins, "the state is of %s bins, expected %s", found, bins);
  }

  ReliabilityDiagram diagram() {
    List<ReliabilityBin> bins = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      double lower = (double) i / counts.length;
      double upper = (i + 1.0) / counts.length;
      bins.add(new ReliabilityBin(lower, upper, counts[i], confidence[i], correct[i], variance[i]));
    }
    return new ReliabilityDiagram(bins);
  }
}
