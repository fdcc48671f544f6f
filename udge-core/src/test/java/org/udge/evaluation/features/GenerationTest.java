package org.udge.evaluation.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.evaluation.Models;
import org.udge.evaluation.Models.MemorySource;
import org.udge.evaluation.features.NearestImages.Neighbor;
import org.udge.internal.HostImages;

class GenerationTest {

  /** Features are given, not computed: image i has row i. */
  private record Given(double[][] rows) implements FeatureExtractor {
    @Override
    public String name() {
      return "given";
    }

    @Override
    public int size() {
      return rows[0].length;
    }

    @Override
    public double[][] features(INDArray images) {
      return rows;
    }
  }

  private static FeatureStatistics statistics(double[][] rows) {
    return FeatureStatistics.of(new Given(rows), Models.images(rows.length, 1));
  }

  @Test
  void distance_of_independent_features_has_a_closed_form() {
    // Along each axis: (difference of means)^2 + (difference of standard deviations)^2.
    double[][] a = {{1, 0}, {-1, 0}, {0, 2}, {0, -2}};
    double[][] b = {{7, 1}, {1, 1}, {4, 2}, {4, 0}};
    double expected =
        16
            + 1
            + Math.pow(Math.sqrt(2 / 3.) - Math.sqrt(18 / 3.), 2)
            + Math.pow(Math.sqrt(8 / 3.) - Math.sqrt(2 / 3.), 2);
    assertThat(statistics(a).frechetDistance(statistics(b))).isCloseTo(expected, within(1e-9));
    assertThat(statistics(b).frechetDistance(statistics(a))).isCloseTo(expected, within(1e-9));
  }

  @Test
  void distance_of_correlated_features_agrees_with_an_independent_computation() {
    // numpy and scipy.linalg.sqrtm, float64.
    double[][] a = {{1, 2, 0}, {2, 1, 1}, {0, 0, 3}, {4, 1, 1}, {2, 2, 2}};
    double[][] b = {{0, 1, 1}, {1, 3, 0}, {2, 0, 2}, {5, 2, 1}};
    assertThat(statistics(a).frechetDistance(statistics(b)))
        .isCloseTo(1.6219583076592183, within(1e-8));
  }

  @Test
  void distance_of_a_set_to_itself_is_zero_even_where_covariance_is_singular() {
    double[][] rows = {{1, 2, 3}, {2, 4, 5}};
    assertThat(statistics(rows).frechetDistance(statistics(rows))).isCloseTo(0, within(1e-7));
  }

  @Test
  void batches_merge_into_the_whole() {
    try (EnergyModel model = Models.smooth();
        NetworkFeatures features = NetworkFeatures.of(model)) {
      MemorySource set = Models.source("set", 300, 1);
      FeatureStatistics whole = FeatureStatistics.of(features, set.array());
      FeatureStatistics batches = FeatureStatistics.of(features, set);
      FeatureStatistics other =
          FeatureStatistics.of(features, Models.source("other", 50, 2).array().mul(3));
      assertThat(batches.images()).isEqualTo(300);
      assertThat(batches.frechetDistance(whole)).isCloseTo(0, within(1e-6));
      assertThat(batches.frechetDistance(other))
          .isCloseTo(whole.frechetDistance(other), within(1e-6))
          .isPositive();
    }
  }

  @Test
  void statistics_refuse_what_cannot_be_compared() {
    FeatureStatistics two = statistics(new double[][] {{1, 2}, {3, 4}});
    assertThatThrownBy(() -> two.frechetDistance(statistics(new double[][] {{1, 2}})))
        .hasMessage("both sets must have at least 2 images, had 2 and 1");
    assertThatThrownBy(() -> two.frechetDistance(statistics(new double[][] {{1}, {3}})))
        .hasMessage("statistics are of different features: given and given");
    assertThatThrownBy(() -> statistics(new double[][] {{1, Double.NaN}}))
        .hasMessage("features must be finite, one is NaN");
    assertThatThrownBy(
            () ->
                FeatureStatistics.of(
                    new Given(new double[][] {{1}}), Models.source("nothing", 0, 1)))
        .hasMessage("nothing is empty");
  }

  @Test
  void finds_memorized_images() {
    MemorySource training = Models.source("training", 600, 1);
    INDArray samples = Models.images(3, 9);
    float[] copied = new float[Models.SHAPE.size()];
    training.read(417, copied, 0);
    copied[3] += 0.02f;
    samples.putSlice(1, HostImages.array(copied, 2, 5, 4));
    List<List<Neighbor>> found = NearestImages.in(training).find(samples, 2);
    assertThat(found).hasSize(3);
    Neighbor nearest = found.get(1).get(0);
    assertThat(nearest.index()).isEqualTo(417);
    assertThat(nearest.label()).isEqualTo(training.label(417));
    assertThat(nearest.distance()).isCloseTo(0.01, within(1e-6));
    assertThat(found.get(0).get(0).distance()).isLessThanOrEqualTo(found.get(0).get(1).distance());
  }

  @Test
  void nearest_images_agree_with_all_distances() {
    MemorySource training = Models.source("training", 40, 1);
    INDArray samples = Models.images(4, 9);
    List<List<Neighbor>> found = NearestImages.in(training).find(samples, 40);
    for (int s = 0; s < 4; s++) {
      for (Neighbor neighbor : found.get(s)) {
        double distance =
            training
                    .array()
                    .slice(neighbor.index())
                    .sub(samples.slice(s))
                    .norm2Number()
                    .doubleValue()
                / 2;
        assertThat(neighbor.distance()).isCloseTo(distance, within(1e-5));
      }
      assertThat(found.get(s)).extracting(Neighbor::index).doesNotHaveDuplicates();
      assertThat(found.get(s)).extracting(Neighbor::distance).isSorted();
    }
  }

  @Test
  void nearest_images_refuse_bad_input() {
    MemorySource training = Models.source("training", 5, 1);
    NearestImages search = NearestImages.in(training);
    assertThatThrownBy(() -> NearestImages.in(Models.source("nothing", 0, 1)))
        .hasMessage("nothing is empty");
    assertThatThrownBy(() -> search.find(Models.images(1, 1), 0))
        .hasMessage("k must be at least 1, was 0");
    assertThatThrownBy(() -> search.find(Models.images(1, 1), 6))
        .hasMessage("k must be at most 5, was 6");
    assertThatThrownBy(() -> search.find(Models.images(1, 1).reshape(1, 2, 4, 5), 1))
        .hasMessage("samples must be [N, C, H, W] of 2x5x4, were [1, 2, 4, 5]");
  }
}
