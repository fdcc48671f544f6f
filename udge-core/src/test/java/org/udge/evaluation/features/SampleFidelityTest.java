package org.udge.evaluation.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.udge.EnergyModel;
import org.udge.evaluation.Models;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Golden numbers are those of {@code evaluation/make_evaluation.py}, NumPy in float64. */
class SampleFidelityTest {

  private static double[][] matrix(JsonNode node) {
    return IntStream.range(0, node.size())
        .mapToObj(
            i ->
                IntStream.range(0, node.get(i).size())
                    .mapToDouble(j -> node.get(i).get(j).asDouble())
                    .toArray())
        .toArray(double[][]::new);
  }

  @Test
  void agrees_with_an_independent_computation() throws IOException {
    JsonNode golden =
        new ObjectMapper()
            .readTree(SampleFidelityTest.class.getResource("/evaluation/evaluation.json"))
            .get("generation");
    SampleFidelity found =
        SampleFidelity.of(matrix(golden.get("real")), matrix(golden.get("fake")), 5);
    assertThat(found.kernelDistance()).isCloseTo(golden.get("kid").asDouble(), within(1e-10));
    assertThat(found.density()).isCloseTo(golden.get("density").asDouble(), within(1e-12));
    assertThat(found.coverage()).isCloseTo(golden.get("coverage").asDouble(), within(1e-12));
    assertThat(found.real()).isEqualTo(25);
    assertThat(found.generated()).isEqualTo(20);
  }

  private static double[][] normal(int count, double shift, String name) {
    RandomStream random = RandomStreams.of(8).stream(name);
    double[][] rows = new double[count][5];
    for (double[] row : rows) {
      for (int d = 0; d < row.length; d++) {
        row[d] = shift + random.nextGaussian();
      }
    }
    return rows;
  }

  @Test
  void sets_of_one_distribution_are_at_no_distance_and_dense() {
    double[][] real = normal(400, 0, "real");
    SampleFidelity same = SampleFidelity.of(real, normal(400, 0, "generated"), 5);
    assertThat(same.kernelDistance()).isCloseTo(0, within(0.05));
    assertThat(same.density()).isCloseTo(1, within(0.1));
    assertThat(same.coverage()).isGreaterThan(0.9);
    SampleFidelity far = SampleFidelity.of(real, normal(400, 5, "generated"), 5);
    assertThat(far.kernelDistance()).isGreaterThan(10);
    assertThat(far.density()).isZero();
    assertThat(far.coverage()).isZero();
  }

  @Test
  void reads_images_through_a_network() {
    try (EnergyModel model = Models.smooth();
        NetworkFeatures features = NetworkFeatures.of(model)) {
      SampleFidelity found =
          SampleFidelity.of(
              features,
              Models.source("real", 60, 1),
              List.of(Models.images(30, 2), Models.images(10, 3)),
              SampleFidelity.NEIGHBORS);
      assertThat(found.generated()).isEqualTo(40);
      assertThat(found.density()).isPositive();
    }
  }

  @Test
  void refuses_what_cannot_be_compared() {
    double[][] two = {{1}, {2}};
    assertThatThrownBy(() -> SampleFidelity.of(two, new double[][] {{1}}, 1))
        .hasMessage("both sets must have at least 2 images, had 2 and 1");
    assertThatThrownBy(() -> SampleFidelity.of(two, two, 2))
        .hasMessage("k must be below the number of real images, 2, was 2");
    assertThatThrownBy(() -> SampleFidelity.of(two, new double[][] {{1}, {Double.NaN}}, 1))
        .hasMessage("features must be finite, one is NaN");
  }
}
