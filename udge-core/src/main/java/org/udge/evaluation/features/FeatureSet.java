package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.data.Batch;
import org.udge.data.ImageSource;

/** The features of all images of a source, in order, with their labels. */
record FeatureSet(double[][] rows, int[] labels) {

  private static final int BATCH = 128;

  static FeatureSet of(FeatureExtractor extractor, ImageSource source) {
    checkArgument(source.size() > 0, "%s is empty", source.name());
    double[][] rows = new double[source.size()][];
    int[] labels = new int[source.size()];
    int position = 0;
    for (Batch batch : source.batches(BATCH)) {
      try (batch) {
        System.arraycopy(batch.labels(), 0, labels, position, batch.size());
        double[][] features = extractor.features(batch.images());
        System.arraycopy(features, 0, rows, position, batch.size());
        position += batch.size();
      }
    }
    return new FeatureSet(rows, labels);
  }

  int size() {
    return rows[0].length;
  }
}
