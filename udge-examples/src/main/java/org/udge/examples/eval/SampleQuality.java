package org.udge.examples.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.evaluation.features.FeatureStatistics;
import org.udge.evaluation.features.NearestImages;
import org.udge.evaluation.features.NearestImages.Neighbor;
import org.udge.evaluation.features.NetworkFeatures;
import org.udge.evaluation.features.SampleFidelity;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.LoadedModel;
import org.udge.examples.plots.ImageGrid;
import org.udge.sampling.ReplayBuffer;

/**
 * The distance of samples to real images: as a whole, where a small distance is good, and
 * individually, which reveals samples that are copies of training images.
 *
 * @param real the real images
 */
record SampleQuality(LoadedModel loaded, ImageSource real, RunFolder folder) {

  private static final int PIECE = 128;

  /** Samples whose nearest images are searched for. */
  private static final int LOOKED_AT = 64;

  private static final int ROWS = 16;
  private static final int NEIGHBORS = 5;

  /** A sample and the real images nearest to it. */
  private record Row(int slot, List<Neighbor> nearest) {
    double distance() {
      return nearest.get(0).distance();
    }
  }

  /**
   * Compares and draws.
   *
   * @param details receives a description of the comparison
   * @return the numbers by name
   */
  Map<String, Double> compare(ReplayBuffer samples, ObjectNode details, PrintWriter out)
      throws IOException {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("samples/feature_distance", featureDistance(samples, details, numbers, out));
    List<Row> rows = nearest(samples);
    numbers.put(
        "samples/nearest_distance_mean",
        rows.stream().mapToDouble(Row::distance).average().orElseThrow());
    numbers.put("samples/nearest_distance_min", rows.get(0).distance());
    draw(samples, rows.subList(0, Math.min(ROWS, rows.size())));
    return numbers;
  }

  private double featureDistance(
      ReplayBuffer samples, ObjectNode details, Map<String, Double> numbers, PrintWriter out) {
    int[] slots = samples.filled();
    int count = Math.min(slots.length, real.size());
    try (NetworkFeatures features = NetworkFeatures.of(loaded.model())) {
      FeatureStatistics generated = statistics(features, samples, spread(slots, count));
      double distance =
          generated.frechetDistance(FeatureStatistics.of(features, ImageSets.some(real, count)));
      details
          .putObject("feature_distance")
          .put("kind", "squared Frechet distance, not comparable with published FID")
          .put("features", features.name())
          .put("real_set", real.name())
          .put("images_of_each", count);
      out.printf(
          Locale.ROOT,
          "distance of %,d samples to %,d images of %s, on this model's own features (not"
              + " comparable"
              + " with published FID; lower is better): %.4f%n",
          count,
          count,
          real.name(),
          distance);
      fidelity(features, samples, spread(slots, count))
          .ifPresent(found -> keep(found, details, numbers, out));
      return distance;
    }
  }

  /** Empty if there are too few images for neighborhoods. */
  private Optional<SampleFidelity> fidelity(
      NetworkFeatures features, ReplayBuffer samples, int... slots) {
    if (slots.length <= SampleFidelity.NEIGHBORS) {
      return Optional.empty();
    }
    List<INDArray> pieces = new ArrayList<>();
    for (int first = 0; first < slots.length; first += PIECE) {
      pieces.add(samples.images(piece(slots, first)));
    }
    return Optional.of(
        SampleFidelity.of(
            features, ImageSets.some(real, slots.length), pieces, SampleFidelity.NEIGHBORS));
  }

  private static void keep(
      SampleFidelity found, ObjectNode details, Map<String, Double> numbers, PrintWriter out) {
    numbers.put("samples/kernel_distance", found.kernelDistance());
    numbers.put("samples/density", found.density());
    numbers.put("samples/coverage", found.coverage());
    details
        .putObject("fidelity")
        .put("kind", "KID, density and coverage, not comparable with published ones")
        .put("images_of_each", found.real());
    out.printf(
        Locale.ROOT,
        "on the same features: KID %.4f (lower is better), density %.4f, coverage %.4f (higher is"
            + " better)%n",
        found.kernelDistance(),
        found.density(),
        found.coverage());
  }

  private static FeatureStatistics statistics(
      NetworkFeatures features, ReplayBuffer samples, int... slots) {
    FeatureStatistics all = FeatureStatistics.of(features, samples.images(piece(slots, 0)));
    for (int first = PIECE; first < slots.length; first += PIECE) {
      all = all.merge(FeatureStatistics.of(features, samples.images(piece(slots, first))));
    }
    return all;
  }

  private static int[] piece(int[] slots, int first) {
    return Arrays.copyOfRange(slots, first, Math.min(slots.length, first + PIECE));
  }

  /** A number of slots, evenly spaced. */
  private static int[] spread(int[] slots, int count) {
    return IntStream.range(0, count)
        .map(i -> slots[(int) ((long) i * slots.length / count)])
        .toArray();
  }

  /** Some samples with their nearest real images, the nearest of all first. */
  private List<Row> nearest(ReplayBuffer samples) {
    int[] slots = samples.filled();
    int[] lookedAt = spread(slots, Math.min(LOOKED_AT, slots.length));
    List<List<Neighbor>> found =
        NearestImages.in(real).find(samples.images(lookedAt), Math.min(NEIGHBORS, real.size()));
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < lookedAt.length; i++) {
      rows.add(new Row(lookedAt[i], found.get(i)));
    }
    rows.sort(Comparator.comparingDouble(Row::distance));
    return rows;
  }

  /** One row per sample: the sample, its nearest images, and the smallest distance. */
  private void draw(ReplayBuffer samples, List<Row> rows) throws IOException {
    List<INDArray> images = new ArrayList<>();
    for (Row row : rows) {
      images.add(samples.images(row.slot));
      try (Batch nearest = real.read(row.nearest.stream().mapToInt(Neighbor::index).toArray())) {
        images.add(nearest.images().dup());
      }
    }
    ImageGrid.of(Nd4j.concat(0, images.toArray(new INDArray[0])), 1 + rows.get(0).nearest.size())
        .rowNames(
            rows.stream().map(row -> String.format(Locale.ROOT, "%.2f", row.distance())).toList())
        .write(folder.file("samples_nearest.png"));
  }
}
