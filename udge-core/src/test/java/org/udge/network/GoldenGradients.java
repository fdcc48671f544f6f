package org.udge.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What lies in a graph's flat gradient view, against golden numbers. */
public final class GoldenGradients {

  private GoldenGradients() {}

  /** The flat gradient, cut as the parameters are. */
  public static Map<String, INDArray> of(ComputationGraph graph) {
    ComputationGraph cut = new ComputationGraph(graph.getConfiguration().clone());
    cut.init(graph.getGradientsViewArray(), false);
    return cut.paramTable();
  }

  /**
   * Compares L2 norms, parameter by parameter.
   *
   * @param expected norms by the parameters' published names
   * @param absolute tolerance, for norms that are zero but for rounding
   * @param relative tolerance
   */
  public static void assertNorms(
      ComputationGraph graph, JsonNode expected, double absolute, double relative) {
    of(graph)
        .forEach(
            (name, gradient) -> {
              String published = publishedName(name);
              if (!published.isEmpty()) {
                double norm = expected.get(published).asDouble();
                assertThat(gradient.norm2Number().doubleValue())
                    .as(published)
                    .isCloseTo(norm, within(absolute + relative * norm));
              }
            });
  }

  /** The published name of a parameter; empty if that program does not treat it as one. */
  private static String publishedName(String name) {
    int split = name.lastIndexOf('_');
    String layer = name.substring(0, split);
    String key =
        switch (name.substring(split + 1)) {
          case "W", "gamma" -> "weight";
          case "b", "beta" -> "bias";
          case "loc" -> "loc";
          case "scale" -> "scale";
          default -> "";
        };
    String prefix = layer.equals("class_output") ? "" : "f.";
    return key.isEmpty() ? "" : prefix + layer + "." + key;
  }
}
