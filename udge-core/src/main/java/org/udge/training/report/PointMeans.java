package org.udge.training.report;

import java.util.LinkedHashMap;
import java.util.Map;
import org.udge.training.StepReport;

/** Means over the steps since the last point. */
final class PointMeans {

  private final Map<String, Double> sums = new LinkedHashMap<>();
  private double lossSum;
  private int count;

  void add(StepReport report) {
    count++;
    lossSum += report.loss();
    report.values().forEach((name, value) -> sums.merge(name, value, Double::sum));
  }

  int count() {
    return count;
  }

  double loss() {
    return lossSum / count;
  }

  Map<String, Double> values() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum / count));
    return means;
  }

  void clear() {
    sums.clear();
    lossSum = 0;
    count = 0;
  }
}
