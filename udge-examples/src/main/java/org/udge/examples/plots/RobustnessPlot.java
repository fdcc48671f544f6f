package org.udge.examples.plots;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import org.knowm.xchart.XYChart;
import org.udge.evaluation.robustness.PerturbationNorm;
import org.udge.evaluation.robustness.RobustnessPoint;
import org.udge.evaluation.robustness.RobustnessResult;

/** Accuracy as a function of the size of adversarial perturbations, for one or more models. */
public final class RobustnessPlot {

  private RobustnessPlot() {}

  /**
   * Draws curves of models attacked in the same norm.
   *
   * @param results results by name of the model, in the order of the legend
   * @param title the heading of the picture
   * @return the figure
   * @throws IllegalArgumentException if there is no result, or norms differ
   */
  public static Figure of(Map<String, RobustnessResult> results, String title) {
    checkArgument(!results.isEmpty(), "there must be at least one result");
    PerturbationNorm norm = results.values().iterator().next().norm();
    boolean linf = norm == PerturbationNorm.LINF;
    double unit = linf ? 255 : 1;
    String axis = linf ? "L-infinity epsilon, in 1/255" : "L2 epsilon, pixels in [0, 1]";
    XYChart chart = PlotStyle.chart(title, axis, "accuracy under attack", 420);
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.0);
    int index = 0;
    for (Map.Entry<String, RobustnessResult> entry : results.entrySet()) {
      RobustnessResult result = entry.getValue();
      checkArgument(result.norm() == norm, "norms differ: %s and %s", norm, result.norm());
      double[] x = result.curve().stream().mapToDouble(p -> unit * p.epsilon()).toArray();
      double[] y = result.curve().stream().mapToDouble(RobustnessPoint::accuracy).toArray();
      PlotStyle.line(chart, entry.getKey(), x, y, index++);
    }
    return Figure.of(chart);
  }
}
