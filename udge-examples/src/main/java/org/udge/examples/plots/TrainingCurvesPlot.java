package org.udge.examples.plots;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.udge.training.EpochReport;

/** Loss and validation metrics by epoch. */
public final class TrainingCurvesPlot {

  /** With more points than this, only the line is drawn. */
  private static final int MOST_MARKERS = 30;

  private static final double LEAST_SPACING = 74;

  /** Three quarters of the axis: with few epochs, closer ticks would be at fractions of epochs. */
  private static final double SPACING_OF_ALL = 450;

  /** Later series leave earlier ones visible where points coincide. */
  private static final List<Marker> MARKERS =
      List.of(SeriesMarkers.CIRCLE, SeriesMarkers.CROSS, SeriesMarkers.PLUS, SeriesMarkers.SQUARE);

  private TrainingCurvesPlot() {}

  /**
   * Draws the loss, values of the terms, and validation metrics, if any, each at the end of its
   * epoch, counted from 1. Points are marked if there are few.
   *
   * @param history the epochs
   * @param terms the reports' values to draw in addition to the loss
   * @param title the heading of the picture
   * @return the figure
   * @throws IllegalArgumentException if there is no epoch, or no such value
   */
  public static Figure of(List<EpochReport> history, List<String> terms, String title) {
    checkArgument(!history.isEmpty(), "there must be at least one epoch");
    Map<String, ToDoubleFunction<EpochReport>> losses = new LinkedHashMap<>();
    losses.put("loss (weighted sum)", EpochReport::loss);
    for (String term : terms) {
      checkArgument(
          history.get(0).values().containsKey(term),
          "no value '%s', there are %s",
          term,
          history.get(0).values().keySet());
      losses.put(term, report -> report.values().get(term));
    }
    List<XYChart> charts = new ArrayList<>();
    charts.add(chart(title, "training, per epoch", history, losses, history));
    List<EpochReport> validated = history.stream().filter(r -> r.validation().isPresent()).toList();
    if (!validated.isEmpty()) {
      charts.add(
          chart(
              "",
              "validation accuracy",
              validated,
              Map.of("accuracy", r -> r.validation().orElseThrow().accuracy()),
              history));
      charts.add(
          chart(
              "",
              "validation NLL in nats",
              validated,
              Map.of("negative log-likelihood", r -> r.validation().orElseThrow().nll()),
              history));
    }
    return Figure.of(charts.toArray(XYChart[]::new));
  }

  private static XYChart chart(
      String title,
      String yAxis,
      List<EpochReport> reports,
      Map<String, ToDoubleFunction<EpochReport>> curves,
      List<EpochReport> history) {
    double first = history.get(0).epoch() + 1.0;
    double last = history.get(history.size() - 1).epoch() + 1.0;
    XYChart chart = PlotStyle.chart(title, "epoch", yAxis, title.isEmpty() ? 240 : 340);
    chart.getStyler().setChartTitleVisible(!title.isEmpty());
    chart.getStyler().setXAxisDecimalPattern("0");
    chart.getStyler().setLegendVisible(curves.size() > 1);
    if (first < last) { // A single epoch is centered.
      chart.getStyler().setXAxisMin(first).setXAxisMax(last);
      int spacing = (int) Math.max(LEAST_SPACING, SPACING_OF_ALL / (last - first));
      chart.getStyler().setXAxisTickMarkSpacingHint(spacing);
    }
    double[] epochs = reports.stream().mapToDouble(r -> r.epoch() + 1.0).toArray();
    int index = 0;
    for (Map.Entry<String, ToDoubleFunction<EpochReport>> curve : curves.entrySet()) {
      double[] values = reports.stream().mapToDouble(curve.getValue()).toArray();
      XYSeries series = PlotStyle.line(chart, curve.getKey(), epochs, values, index);
      if (values.length <= MOST_MARKERS) {
        series.setMarker(MARKERS.get(index % MARKERS.size()));
        series.setMarkerColor(PlotStyle.color(index));
      }
      index++;
    }
    return chart;
  }
}
