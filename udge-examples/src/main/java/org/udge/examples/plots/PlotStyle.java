package org.udge.examples.plots;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The common style of all plots. */
final class PlotStyle {

  static final Color BLUE = new Color(0x0072B2);
  static final Color VERMILLION = new Color(0xD55E00);
  static final Color GRAY = new Color(0x555555);

  /** Okabe and Ito's colors, those with good contrast on white first. */
  private static final Color[] COLORS = {
    BLUE,
    VERMILLION,
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0xE69F00),
    new Color(0x56B4E9),
    Color.BLACK
  };

  private static final float[][] DASHES = {
    {}, {9, 4}, {2, 3}, {9, 3, 2, 3}, {5, 3}, {14, 4}, {3, 2, 1, 2}
  };

  static final int WIDTH = 720;

  private PlotStyle() {}

  static XYChart chart(String title, String xAxis, String yAxis, int height) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(height)
            .title(title)
            .xAxisTitle(xAxis)
            .yAxisTitle(yAxis)
            .build();
    apply(chart.getStyler());
    return chart;
  }

  /** Colors, fonts and the place of the legend. */
  static void apply(AxesChartStyler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(new Color(0xE4E4E4));
    styler.setPlotGridLinesStroke(new BasicStroke(0.8f));
    styler.setChartTitleBoxVisible(false);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setLegendLayout(LegendLayout.Horizontal);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setLegendBackgroundColor(Color.WHITE);
    styler.setYAxisDecimalPattern("0.###");
    styler.setChartPadding(12);
  }

  static Color color(int index) {
    return COLORS[index % COLORS.length];
  }

  /** A light opaque shade. */
  static Color pale(Color color) {
    return new Color(
        (color.getRed() + 2 * 255) / 3,
        (color.getGreen() + 2 * 255) / 3,
        (color.getBlue() + 2 * 255) / 3);
  }

  static Color faint(Color color, int alpha) {
    return new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha);
  }

  static BasicStroke stroke(int index, float width) {
    // The next dash pattern with each round through the colors: 49 lines differ.
    float[] dashes = DASHES[(index + index / COLORS.length) % DASHES.length];
    return dashes.length == 0
        ? new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER)
        : new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, dashes, 0);
  }

  static XYSeries line(XYChart chart, String name, double[] x, double[] y, int index) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(color(index));
    series.setLineStyle(stroke(index, 2));
    return series;
  }

  /** Bars over bins with the given edges, one value per bin: the outline of all of them. */
  static XYSeries bars(XYChart chart, String name, double[] edges, double[] heights) {
    int bins = heights.length;
    double[] x = new double[2 * bins + 2];
    double[] y = new double[2 * bins + 2];
    for (int i = 0; i < bins; i++) {
      x[2 * i] = edges[i];
      x[2 * i + 1] = edges[i];
      y[2 * i + 1] = heights[i];
      y[2 * i + 2] = heights[i];
    }
    x[2 * bins] = edges[bins];
    // Slightly off, because XChart labels equally spaced values itself, with all their digits.
    x[2 * bins + 1] = edges[bins] + 1e-6 * (edges[bins] - edges[0]);
    XYSeries series = chart.addSeries(name, x, y);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    series.setMarker(SeriesMarkers.NONE);
    return series;
  }
}
