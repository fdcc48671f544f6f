package org.udge.examples.plots;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.udge.evaluation.calibration.RiskCoverageResult;

/** The share of wrong answers against the share of images answered, of one or more models. */
public final class RiskCoveragePlot {

  /** More points than pixels would not be visible. */
  private static final int POINTS = 400;

  private RiskCoveragePlot() {}

  /**
   * Draws curves.
   *
   * @param results results by name of the model, in the order of the legend
   * @param title the heading of the picture
   * @return the figure
   * @throws IllegalArgumentException if there is no result
   */
  public static Figure of(Map<String, RiskCoverageResult> results, String title) {
    checkArgument(!results.isEmpty(), "there must be at least one result");
    XYChart chart =
        PlotStyle.chart(title, "share of images answered", "share of wrong answers", 420);
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0);
    chart.getStyler().setXAxisDecimalPattern("0.0");
    int index = 0;
    for (Map.Entry<String, RiskCoverageResult> entry : results.entrySet()) {
      double[] risks = entry.getValue().risks();
      int points = Math.min(POINTS, risks.length);
      int[] rows =
          IntStream.rangeClosed(1, points)
              .map(i -> (int) ((long) i * risks.length / points) - 1)
              .toArray();
      PlotStyle.line(
          chart,
          entry.getKey(),
          IntStream.of(rows).mapToDouble(i -> (i + 1.0) / risks.length).toArray(),
          IntStream.of(rows).mapToDouble(i -> risks[i]).toArray(),
          index++);
    }
    return Figure.of(chart);
  }
}
