package org.udge.examples.plots;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.udge.evaluation.calibration.ReliabilityBin;
import org.udge.evaluation.calibration.ReliabilityDiagram;

/** Accuracy and gap of each confidence bin, above the share of images in it. */
public final class ReliabilityDiagramPlot {

  /** The legend text for hatched bins. */
  static final String NO_IMAGES = "no images";

  private static final int HATCHES = 24;

  private ReliabilityDiagramPlot() {}

  /**
   * Draws a reliability diagram. A bin without images has no accuracy: it is hatched.
   *
   * @param diagram the bins
   * @param title the heading of the picture
   * @return the figure
   */
  public static Figure of(ReliabilityDiagram diagram, String title) {
    return Figure.of(accuracy(diagram, title), share(diagram));
  }

  private static double[] edges(List<ReliabilityBin> bins) {
    double[] edges = new double[bins.size() + 1];
    edges[0] = bins.get(0).lower();
    for (int i = 0; i < bins.size(); i++) {
      edges[i + 1] = bins.get(i).upper();
    }
    return edges;
  }

  private static XYChart accuracy(ReliabilityDiagram diagram, String title) {
    String error = String.format(Locale.ROOT, "  (ECE %.3f)", diagram.expectedError());
    XYChart chart = PlotStyle.chart(title + error, "", "accuracy", 440);
    unitRange(chart);
    chart.getStyler().setYAxisMax(1.0).setYAxisMin(0.0);
    List<ReliabilityBin> bins = diagram.bins();
    bars(chart, bins);
    hatch(chart, bins);
    boolean first = true;
    for (ReliabilityBin bin : bins) {
      if (bin.count() > 0) {
        gap(chart, bin, first);
        first = false;
      }
    }
    XYSeries ideal =
        PlotStyle.line(chart, "confidence = accuracy", new double[] {0, 1}, new double[] {0, 1}, 1);
    ideal.setLineColor(PlotStyle.GRAY);
    return chart;
  }

  /** One outline per contiguous group of bins with images. */
  private static void bars(XYChart chart, List<ReliabilityBin> bins) {
    int start = 0;
    boolean first = true;
    while (start < bins.size()) {
      int end = start;
      while (end < bins.size() && bins.get(end).count() > 0) {
        end++;
      }
      if (end > start) {
        List<ReliabilityBin> run = bins.subList(start, end);
        double[] heights = run.stream().mapToDouble(b -> b.accuracy().orElseThrow()).toArray();
        String name = first ? "accuracy" : "accuracy from " + run.get(0).lower();
        XYSeries accuracy = PlotStyle.bars(chart, name, edges(run), heights);
        accuracy.setFillColor(PlotStyle.pale(PlotStyle.BLUE));
        accuracy.setLineColor(PlotStyle.BLUE);
        accuracy.setLineStyle(PlotStyle.stroke(0, 1.5f));
        accuracy.setShowInLegend(first);
        first = false;
      }
      start = end + 1;
    }
  }

  /** Hatching over the bins without images, so that they do not look like an accuracy of 0. */
  private static void hatch(XYChart chart, List<ReliabilityBin> bins) {
    double[] x = new double[3 * HATCHES * bins.size()];
    double[] y = new double[x.length];
    int at = 0;
    for (ReliabilityBin bin : bins) {
      for (int i = 0; i < HATCHES && bin.count() == 0; i++) {
        x[at] = bin.lower();
        y[at++] = (double) i / HATCHES;
        x[at] = bin.upper();
        y[at++] = (i + 1.0) / HATCHES;
        x[at] = bin.upper();
        y[at++] = Double.NaN; // Ends the line.
      }
    }
    if (at > 0) {
      double[] lines = Arrays.copyOf(x, at);
      XYSeries series = PlotStyle.line(chart, NO_IMAGES, lines, Arrays.copyOf(y, at), 0);
      series.setLineColor(PlotStyle.pale(PlotStyle.GRAY));
      series.setLineStyle(PlotStyle.stroke(0, 1));
    }
  }

  /** A box between the bin's accuracy and its mean confidence. */
  private static void gap(XYChart chart, ReliabilityBin bin, boolean inLegend) {
    double low = bin.accuracy().orElseThrow();
    double high = bin.confidence().orElseThrow();
    double[] x = {bin.lower(), bin.lower(), bin.upper(), bin.upper()};
    double[] y = {low, high, high, low};
    String name = inLegend ? "gap to mean confidence" : "gap " + bin.lower();
    XYSeries series = chart.addSeries(name, x, y);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    series.setMarker(SeriesMarkers.NONE);
    series.setFillColor(PlotStyle.pale(PlotStyle.VERMILLION));
    series.setLineColor(PlotStyle.VERMILLION);
    series.setLineStyle(PlotStyle.stroke(0, 1));
    series.setShowInLegend(inLegend);
  }

  private static XYChart share(ReliabilityDiagram diagram) {
    XYChart chart = PlotStyle.chart("", "confidence", "share of images", 230);
    chart.getStyler().setChartTitleVisible(false);
    unitRange(chart);
    double images = diagram.images();
    List<ReliabilityBin> bins = diagram.bins();
    double[] shares = bins.stream().mapToDouble(b -> b.count() / images).toArray();
    XYSeries series = PlotStyle.bars(chart, "images", edges(bins), shares);
    series.setFillColor(PlotStyle.pale(PlotStyle.GRAY));
    series.setLineColor(PlotStyle.GRAY);
    series.setLineStyle(PlotStyle.stroke(0, 1.5f));
    double highest = bins.stream().mapToDouble(b -> b.count() / images).max().orElse(1);
    double accuracy = bins.stream().mapToDouble(ReliabilityBin::correct).sum() / images;
    double confidence = bins.stream().mapToDouble(ReliabilityBin::confidenceSum).sum() / images;
    vertical(chart, "mean accuracy", accuracy, highest, 0);
    vertical(chart, "mean confidence", confidence, highest, 1);
    return chart;
  }

  private static void vertical(XYChart chart, String name, double at, double height, int index) {
    String text = String.format(Locale.ROOT, "%s %.3f", name, at);
    PlotStyle.line(chart, text, new double[] {at, at}, new double[] {0, height}, index);
  }

  private static void unitRange(XYChart chart) {
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0);
    chart.getStyler().setXAxisDecimalPattern("0.0");
    // The same label width in both panels, so that their bins line up.
    chart.getStyler().setYAxisDecimalPattern("0.00");
  }
}
