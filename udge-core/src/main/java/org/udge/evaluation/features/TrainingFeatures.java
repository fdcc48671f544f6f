package org.udge.evaluation.features;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.interop.SafeTensors;
import org.udge.interop.Tensor;

/**
 * The features of training images with their labels, on which all feature-based out-of-distribution
 * scores are fitted. Images pass through the network once, regardless of the number of scores.
 *
 * <p>A service has no training images. It {@linkplain #read reads} the features that were
 * {@linkplain #save saved} next to the model, at four bytes per image and feature, and fits the
 * score it needs; a file that was created with other parameters is refused.
 *
 * <pre>{@code
 * try (NetworkFeatures features = NetworkFeatures.of(model)) {
 *   TrainingFeatures.of(features, training).save(Path.of("model.features"));
 *   TrainingFeatures known = TrainingFeatures.read(Path.of("model.features"), features);
 *   EnergyScorer scorer = EnergyScorer.of(model).withScore(NearestNeighbors.fit(known, 50));
 *   System.out.println(scorer.score(images));
 * }
 * }</pre>
 *
 * <p>Immutable; as thread-safe as the extractor.
 */
public final class TrainingFeatures {

  private static final String FEATURES = "features";
  private static final String LABELS = "labels";
  private static final String FINGERPRINT = "fingerprint";
  private static final String NAME = "name";

  /** Above it, a number of 32 bits does not tell neighbors apart. */
  private static final float LARGEST_LABEL = 1 << 24;

  private final FeatureExtractor extractor;
  private final FeatureSet set;

  private TrainingFeatures(FeatureExtractor extractor, FeatureSet set) {
    this.extractor = extractor;
    this.set = set;
  }

  /**
   * Computes the features of training images.
   *
   * @param extractor computes the features; the caller keeps ownership and must keep it open as
   *     long as scores that are fitted on these features are in use
   * @param training training images; some scores need labels, others do not
   * @return the features
   * @throws IllegalArgumentException if the set is empty, or a feature is not finite
   */
  public static TrainingFeatures of(FeatureExtractor extractor, ImageSource training) {
    FeatureSet set = FeatureSet.of(requireNonNull(extractor), training);
    for (int i = 0; i < set.rows().length; i++) {
      checkArgument(
          Arrays.stream(set.rows()[i]).allMatch(Double::isFinite),
          "features must be finite, those of image %s of %s are not",
          i,
          training.name());
    }
    return new TrainingFeatures(extractor, set);
  }

  /**
   * Reads saved features.
   *
   * @param file a file written by {@link #save}; may come from an untrusted source
   * @param extractor an extractor of the same network; the caller keeps ownership
   * @return the features
   * @throws IOException if the file is absent, damaged, or was created with other features than the
   *     extractor's
   */
  public static TrainingFeatures read(Path file, FeatureExtractor extractor) throws IOException {
    SafeTensors content = SafeTensors.read(file);
    Tensor features = content.tensors().get(FEATURES);
    Tensor labels = content.tensors().get(LABELS);
    if (features == null || labels == null || features.rank() != 2 || labels.rank() != 1) {
      throw new IOException(
          "file "
              + file
              + " holds no training features: it needs 'features', [N, F], and 'labels'");
    }
    String made = content.metadata().getOrDefault(FINGERPRINT, "unknown");
    if (!made.equals(extractor.fingerprint())) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "features in %s were made with other parameters (%s) than the model's (%s): compute"
                  + " them again",
              file,
              made,
              extractor.fingerprint()));
    }
    int images = features.size(0);
    if (images == 0 || labels.size(0) != images || features.size(1) != extractor.size()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "file %s holds features of shape %s and labels of shape %s, expected [N, %d] and [N]",
              file,
              Arrays.toString(features.shape()),
              Arrays.toString(labels.shape()),
              extractor.size()));
    }
    double[] values = features.toDoubles();
    float[] classes = labels.toFloats();
    double[][] rows = new double[images][];
    int[] given = new int[images];
    for (int i = 0; i < images; i++) {
      rows[i] = Arrays.copyOfRange(values, i * extractor.size(), (i + 1) * extractor.size());
      if (!Arrays.stream(rows[i]).allMatch(Double::isFinite)
          || classes[i] < Batch.UNLABELED
          || classes[i] > LARGEST_LABEL
          || classes[i] != (int) classes[i]) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "file %s is damaged: image %d has a feature that is not finite, or label %s",
                file,
                i,
                classes[i]));
      }
      given[i] = (int) classes[i];
    }
    return new TrainingFeatures(extractor, new FeatureSet(rows, given));
  }

  /**
   * Writes features and labels in the safetensors format, with the fingerprint of the network.
   *
   * @param file the file to write; replaced if it exists; appears only once it is complete
   * @throws IOException if the file cannot be written
   */
  public void save(Path file) throws IOException {
    float[] values = new float[Math.multiplyExact(images(), set.size())];
    float[] labels = new float[images()];
    for (int i = 0; i < images(); i++) {
      for (int d = 0; d < set.size(); d++) {
        values[i * set.size() + d] = (float) set.rows()[i][d];
      }
      labels[i] = set.labels()[i];
    }
    SafeTensors.of(
            Map.of(
                FEATURES, Tensor.of(values, images(), set.size()),
                LABELS, Tensor.of(labels, images())),
            Map.of(NAME, extractor.name(), FINGERPRINT, extractor.fingerprint()))
        .write(file);
  }

  /**
   * Returns the extractor that computed the features, and computes those of the images to be
   * scored.
   *
   * @return the extractor
   */
  public FeatureExtractor extractor() {
    return extractor;
  }

  /**
   * Returns the number of images.
   *
   * @return the number of images, at least 1
   */
  public int images() {
    return set.rows().length;
  }

  /** Returns one row per image; the array must not be modified. */
  double[][] rows() {
    return set.rows();
  }

  int[] labels() {
    return set.labels();
  }

  /** Returns the mean of all rows. */
  double[] mean() {
    double[] mean = new double[set.size()];
    for (double[] row : set.rows()) {
      for (int d = 0; d < mean.length; d++) {
        mean[d] += row[d] / set.rows().length;
      }
    }
    return mean;
  }

  /** Returns the mean of each class. */
  double[][] classMeans() {
    int classes = 0;
    for (int label : set.labels()) {
      checkArgument(label != Batch.UNLABELED, "training images must have labels");
      classes = Math.max(classes, label + 1);
    }
    // Labels of a file may be of any size: nothing is allocated for classes that cannot all have
    // one.
    checkArgument(
        classes <= images(),
        "there are %s training images, too few for the %s classes of their labels",
        images(),
        classes);
    double[][] means = new double[classes][set.size()];
    int[] counts = new int[classes];
    for (int i = 0; i < set.rows().length; i++) {
      counts[set.labels()[i]]++;
      for (int d = 0; d < set.size(); d++) {
        means[set.labels()[i]][d] += set.rows()[i][d];
      }
    }
    for (int c = 0; c < classes; c++) {
      checkArgument(counts[c] > 0, "there is no training image of class %s", c);
      for (int d = 0; d < set.size(); d++) {
        means[c][d] /= counts[c];
      }
    }
    return means;
  }

  @Override
  public String toString() {
    return images() + " training images, " + extractor.name();
  }
}
