package org.udge.datasets;

import static java.util.Objects.checkIndex;
import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.UncheckedExecutionException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.udge.data.Augmentation;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * A set of images as shuffled, augmented mini-batches.
 *
 * <p>Epoch e visits the images in the order given by {@code streams.stream("shuffle", e)}; batch i
 * of the epoch is augmented from {@code streams.stream("augment", e, i)}. A batch therefore depends
 * only on its epoch and index, not on when or by which thread it is created.
 *
 * <p>Buffers of closed batches are reused: a training loop that closes its batches allocates only
 * at the beginning. Immutable apart from that, and thread-safe.
 */
public final class ShuffledBatches implements TrainingData {

  /**
   * The number of epochs whose order is cached: with prefetching, the next epoch's order is needed
   * too.
   */
  private static final int EPOCHS_KEPT = 2;

  private final ImageSource source;
  private final int batchSize;
  private final RandomStreams streams;
  private final Augmentation augmentation;
  private final LastBatch lastBatch;
  private final BatchPool pool;
  private final Cache<Long, int[]> orders =
      CacheBuilder.newBuilder().concurrencyLevel(1).maximumSize(EPOCHS_KEPT).build();

  private ShuffledBatches(Builder builder) {
    source = builder.source;
    batchSize = builder.batchSize;
    streams = builder.streams;
    augmentation = builder.augmentation;
    lastBatch = builder.lastBatch;
    pool = new BatchPool(source.shape());
  }

  /**
   * Creates a builder.
   *
   * @param source the images, at least one
   * @param batchSize images per batch, at least 1
   * @param streams the source of randomness of shuffling and augmentation
   * @return a builder: no augmentation, {@link LastBatch#DROP}
   * @throws IllegalArgumentException if the source is empty or the batch size below 1
   */
  public static Builder builder(ImageSource source, int batchSize, RandomStreams streams) {
    return new Builder(source, batchSize, streams);
  }

  @Override
  public int batchesPerEpoch() {
    int size = source.size();
    boolean dropsRest = lastBatch == LastBatch.DROP && size >= batchSize;
    return size / batchSize + (dropsRest || size % batchSize == 0 ? 0 : 1);
  }

  @Override
  public ImageShape shape() {
    return source.shape();
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexOutOfBoundsException if there is no such batch
   * @throws IllegalArgumentException if the epoch is negative
   */
  @Override
  public Batch batch(long epoch, int index) {
    checkArgument(epoch >= 0, "epoch must not be negative, was %s", epoch);
    checkIndex(index, batchesPerEpoch());
    int[] order = order(epoch);
    int first = index * batchSize;
    int count = lastBatch == LastBatch.WRAP ? batchSize : Math.min(batchSize, order.length - first);
    RandomStream random = streams.stream("augment", epoch, index);
    int size = shape().size();
    return pool.batch(
        count,
        (pixels, labels) -> {
          for (int i = 0; i < count; i++) {
            labels[i] = source.read(order[(first + i) % order.length], pixels, i * size);
            augmentation.apply(pixels, i * size, shape(), random);
          }
        });
  }

  private int[] order(long epoch) {
    try {
      return orders.get(epoch, () -> streams.stream("shuffle", epoch).permutation(source.size()));
    } catch (ExecutionException | UncheckedExecutionException e) {
      throw new IllegalStateException("could not shuffle epoch " + epoch, e);
    }
  }

  @Override
  public String toString() {
    return "ShuffledBatches[" + batchesPerEpoch() + " of " + batchSize + " from " + source + "]";
  }

  /** Optional settings of {@link ShuffledBatches}. Not thread-safe. */
  public static final class Builder {

    private final ImageSource source;
    private final int batchSize;
    private final RandomStreams streams;
    private Augmentation augmentation = Augmentation.none();
    private LastBatch lastBatch = LastBatch.DROP;

    private Builder(ImageSource source, int batchSize, RandomStreams streams) {
      checkArgument(source.size() > 0, "%s has no images to train on", source.name());
      checkArgument(batchSize > 0, "batch size must be at least 1, was %s", batchSize);
      this.source = source;
      this.batchSize = batchSize;
      this.streams = requireNonNull(streams);
    }

    /**
     * Augments each image at random.
     *
     * @param augmentation the augmentation; none by default
     * @return this
     */
    public Builder augmentation(Augmentation augmentation) {
      this.augmentation = requireNonNull(augmentation);
      return this;
    }

    /**
     * Sets the treatment of images left over at the end of an epoch.
     *
     * @param lastBatch the choice; {@link LastBatch#DROP} by default, as in the published program
     * @return this
     */
    public Builder lastBatch(LastBatch lastBatch) {
      this.lastBatch = requireNonNull(lastBatch);
      return this;
    }

    /**
     * Builds the set.
     *
     * @return batches of these settings
     */
    public ShuffledBatches build() {
      return new ShuffledBatches(this);
    }
  }
}
