package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.util.stream.IntStream;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.datasets.Subset;
import org.udge.random.RandomStreams;
import org.udge.spark.data.ImageSourceFactory;

/**
 * Shares of a set that every process can open: worker w of W has the images w, w + W, w + 2 W, ...
 * All have the same number; up to W - 1 images at the end of the set are omitted.
 */
record ImageShards(ImageSourceFactory images, BatchMaker batches, long seed)
    implements ShardFactory {

  @Override
  public TrainingData open(int worker, int workers) throws IOException {
    ImageSource all = images.open();
    int each = all.size() / workers;
    checkArgument(
        each > 0, "'%s' has %s images, too few for %s workers", all.name(), all.size(), workers);
    ImageSource own =
        workers == 1
            ? all
            : Subset.of(all, IntStream.range(0, each).map(i -> worker + i * workers).toArray());
    return batches.of(own, streams(seed, worker));
  }

  static TrainingData batches(ExampleShard images, WorkerSetup setup, int worker) {
    return setup.batches().of(images, streams(setup.seed(), worker));
  }

  private static RandomStreams streams(long seed, int worker) {
    return RandomStreams.of(WorkerSetup.seedOf(seed, worker));
  }
}
