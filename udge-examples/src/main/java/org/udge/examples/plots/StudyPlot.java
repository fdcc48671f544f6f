package org.udge.examples.plots;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.udge.evaluation.Summary;

/** Means with standard deviations of rows, one chart per metric. */
public final class StudyPlot {

  private StudyPlot() {}

  /**
   * Draws vertically stacked charts; rows are points from left to right.
   *
   * @param columns summaries by row, by column name
   * @return the figure
   * @throws IllegalArgumentException if there is nothing to show
   */
  public static Figure of(Map<String, Map<String, Summary>> columns) {
    checkArgument(!columns.isEmpty(), "there must be at least one column");
    List<XYChart> charts = new ArrayList<>();
    columns.forEach(
        (name, rows) -> {
          XYChart chart = PlotStyle.chart(name, "row", "", 300);
          chart.getStyler().setXAxisMin(0.5).setXAxisMax(rows.size() + 0.5);
          int index = 0;
          for (Map.Entry<String, Summary> row : rows.entrySet()) {
            double deviation = row.getValue().count() > 1 ? row.getValue().deviation() : 0;
            XYSeries series =
                chart.addSeries(
                    (index + 1) + " " + row.getKey(),
                    new double[] {index + 1.0},
                    new double[] {row.getValue().mean()},
                    new double[] {deviation});
            series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
            series.setMarkerColor(PlotStyle.color(index));
            index++;
          }
          charts.add(chart);
        });
    return Figure.of(charts.toArray(new XYChart[0]));
  }
}
