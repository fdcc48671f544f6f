package org.udge.examples.plots;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.udge.training.EpochReport;

/** How loss and validation went, epoch by epoch. */
public final class TrainingCurvesPlot {

  private TrainingCurvesPlot() {}

  /**
   * Draws the loss, values of the terms, and validation figures where there are any.
   *
   * @param history the epochs
   * @param terms which of the reports' values to draw beside the loss
   * @param title what heads the picture
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
    double first = history.get(0).epoch();
    double last = history.get(history.size() - 1).epoch() + 1.0;
    XYChart chart = PlotStyle.chart(title, "epoch", yAxis, title.isEmpty() ? 240 : 340);
    chart.getStyler().setChartTitleVisible(!title.isEmpty());
    chart.getStyler().setXAxisDecimalPattern("0");
    chart.getStyler().setLegendVisible(curves.size() > 1);
    chart.getStyler().setXAxisMin(first).setXAxisMax(last);
    double[] epochs = reports.stream().mapToDouble(r -> r.epoch() + 1.0).toArray();
    int index = 0;
    for (Map.Entry<String, ToDoubleFunction<EpochReport>> curve : curves.entrySet()) {
      double[] values = reports.stream().mapToDouble(curve.getValue()).toArray();
      PlotStyle.line(chart, curve.getKey(), epochs, values, index++);
    }
    return chart;
  }
}
