package org.udge.examples.plots;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.udge.evaluation.Summary;

/** Means with standard deviations of rows, one chart per metric. */
public final class StudyPlot {

  private static final int CHARTS_PER_LINE = 3;
  private static final int HEIGHT = 340;

  private StudyPlot() {}

  /**
   * Draws three charts per line; rows are points from left to right, at the same place in every
   * chart, and a line marks the baseline's mean.
   *
   * @param columns summaries by row, by column name; a row may be absent from a column
   * @param baseline the row with which the others are compared
   * @return the figure
   * @throws IllegalArgumentException if there is nothing to show
   */
  public static Figure of(Map<String, Map<String, Summary>> columns, Optional<String> baseline) {
    checkArgument(!columns.isEmpty(), "there must be at least one column");
    List<String> rows =
        columns.values().stream().flatMap(column -> column.keySet().stream()).distinct().toList();
    List<CategoryChart> charts = new ArrayList<>();
    columns.forEach((name, column) -> charts.add(chart(name, column, rows, baseline)));
    return Figure.grid(CHARTS_PER_LINE, charts);
  }

  private static CategoryChart chart(
      String name, Map<String, Summary> column, List<String> rows, Optional<String> baseline) {
    CategoryChart chart =
        new CategoryChartBuilder().width(PlotStyle.WIDTH).height(HEIGHT).title(name).build();
    CategoryStyler styler = chart.getStyler();
    PlotStyle.apply(styler);
    styler.setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Scatter);
    styler.setOverlapped(true);
    styler.setXAxisLabelRotation(30).setLegendVisible(false);
    baseline
        .map(column::get)
        .ifPresent(
            summary -> {
              CategorySeries line =
                  chart.addSeries(
                      "baseline", rows, Collections.nCopies(rows.size(), summary.mean()));
              line.setChartCategorySeriesRenderStyle(CategorySeriesRenderStyle.Line);
              line.setMarker(SeriesMarkers.NONE);
              line.setLineColor(PlotStyle.pale(PlotStyle.GRAY));
              line.setLineStyle(PlotStyle.stroke(1, 1));
            });
    List<Double> means = new ArrayList<>();
    List<Double> deviations = new ArrayList<>();
    for (String row : rows) {
      Summary summary = column.get(row);
      means.add(summary == null ? Double.NaN : summary.mean());
      deviations.add(summary == null ? Double.NaN : summary.count() > 1 ? summary.deviation() : 0);
    }
    CategorySeries points = chart.addSeries("mean +- deviation", rows, means, deviations);
    points.setMarker(SeriesMarkers.CIRCLE);
    points.setMarkerColor(PlotStyle.BLUE);
    return chart;
  }
}
