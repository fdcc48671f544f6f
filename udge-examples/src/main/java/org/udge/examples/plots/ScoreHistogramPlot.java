package org.udge.examples.plots;

import java.util.Arrays;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.udge.evaluation.detection.ScoreHistogram;

/** Scores of several sets of images in one picture. */
public final class ScoreHistogramPlot {

  private ScoreHistogramPlot() {}

  /**
   * Draws densities over shared bins, each set with area 1. The number of a set's scores beyond the
   * axis, if any, is shown next to its name.
   *
   * @param histogram the scores
   * @param title the heading of the picture
   * @param score the label of the axis of scores, for example {@code log p(x) + const}
   * @return the figure
   */
  public static Figure of(ScoreHistogram histogram, String title, String score) {
    XYChart chart = PlotStyle.chart(title, score, "density", 420);
    double[] edges = histogram.edges().stream().mapToDouble(edge -> edge).toArray();
    int index = 0;
    for (String set : histogram.counts().keySet()) {
      double[] heights = new double[histogram.bins()];
      Arrays.setAll(heights, bin -> histogram.density(set, bin));
      XYSeries series = PlotStyle.bars(chart, label(histogram, set), edges, heights);
      series.setFillColor(PlotStyle.faint(PlotStyle.color(index), 50));
      series.setLineColor(PlotStyle.color(index));
      series.setLineStyle(PlotStyle.stroke(index, 2));
      index++;
    }
    return Figure.of(chart);
  }

  private static String label(ScoreHistogram histogram, String set) {
    return histogram.beyond(set) == 0
        ? set
        : String.format(
            Locale.ROOT,
            "%s (beyond the axis: %d of %d)",
            set,
            histogram.beyond(set),
            histogram.images(set));
  }
}
