package org.udge.datasets;

import static java.util.Objects.checkIndex;
import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.UncheckedExecutionException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.udge.data.Augmentation;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.TrainingData;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Training batches from record files larger than memory, read in contiguous pieces.
 *
 * <p>The files are cut into blocks of consecutive records. Epoch e visits the blocks in the order
 * given by {@code streams.stream("blocks", e)}, as many at a time as the shuffle buffer holds, and
 * within buffer b the images in the order given by {@code streams.stream("buffer", e, b)}. Batch i
 * of the epoch is augmented from {@code streams.stream("augment", e, i)}. A batch therefore depends
 * only on its epoch and index, not on when or by which thread it is created, and training can
 * resume at any position. Images left over at the end of an epoch are dropped.
 *
 * <p><b>Memory</b>: two buffers of raw records (three while one is being read), four bytes per
 * block, and what {@link RecordFiles} keeps, four bytes per image. The larger the buffer, the
 * better the shuffling; {@link ShuffledBatches} over {@link RecordFiles} shuffles perfectly and
 * reads each image individually.
 *
 * <p>Immutable apart from its buffers, and thread-safe.
 */
public final class ShardedBatches implements TrainingData {

  /** With prefetching, two buffers are in use at the boundary between them. */
  private static final int BUFFERS_KEPT = 2;

  /** A buffer of an epoch. */
  private record Position(long epoch, int buffer) {}

  /** Complete records in shuffled order, with their original positions. */
  private record Buffer(byte[] records, int[] indices) {}

  private final RecordFiles source;
  private final int batchSize;
  private final int blockSize;
  private final int blocksInBuffer;
  private final RandomStreams streams;
  private final Augmentation augmentation;
  private final BatchPool pool;
  private final Cache<Position, Buffer> buffers =
      CacheBuilder.newBuilder().concurrencyLevel(1).maximumSize(BUFFERS_KEPT).build();
  private final Cache<Long, int[]> orders =
      CacheBuilder.newBuilder().concurrencyLevel(1).maximumSize(BUFFERS_KEPT).build();

  private ShardedBatches(Builder builder) {
    source = builder.source;
    batchSize = builder.batchSize;
    blockSize = Math.min(builder.blockSize, source.size());
    blocksInBuffer = Math.max(1, builder.bufferSize / blockSize);
    streams = builder.streams;
    augmentation = builder.augmentation;
    pool = new BatchPool(source.shape());
  }

  /**
   * Creates a builder.
   *
   * @param source the record files, at least one image
   * @param batchSize images per batch, 1 to the source's size
   * @param streams the source of randomness of shuffling and augmentation
   * @return a builder: a shuffle buffer of 16,384 images in blocks of 256, no augmentation
   * @throws IllegalArgumentException if the source is smaller than a batch or the batch size below
   *     1
   */
  public static Builder builder(RecordFiles source, int batchSize, RandomStreams streams) {
    return new Builder(source, batchSize, streams);
  }

  @Override
  public int batchesPerEpoch() {
    return source.size() / batchSize;
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
   * @throws UncheckedIOException if a file cannot be read
   */
  @Override
  public Batch batch(long epoch, int index) {
    checkArgument(epoch >= 0, "epoch must not be negative, was %s", epoch);
    checkIndex(index, batchesPerEpoch());
    RandomStream random = streams.stream("augment", epoch, index);
    int size = shape().size();
    int recordSize = source.layout().recordSize();
    int labelBytes = source.layout().labelBytes();
    return pool.batch(
        batchSize,
        (pixels, labels) -> {
          for (int i = 0; i < batchSize; i++) {
            long place = (long) index * batchSize + i;
            int start = bufferOf(epoch, place);
            Buffer buffer = buffer(epoch, start);
            int within = (int) (place - firstOf(epoch, start));
            labels[i] = source.label(buffer.indices[within]);
            ByteImages.toFloats(
                buffer.records, within * recordSize + labelBytes, size, pixels, i * size);
            augmentation.apply(pixels, i * size, shape(), random);
          }
        });
  }

  private int blocks() {
    return (source.size() + blockSize - 1) / blockSize;
  }

  private int sizeOf(int block) {
    return Math.min(blockSize, source.size() - block * blockSize);
  }

  /** The position of a buffer's first image; only the last block in the files may be shorter. */
  private long firstOf(long epoch, int buffer) {
    long full = (long) buffer * blocksInBuffer * blockSize;
    int missing = blockSize - sizeOf(blocks() - 1);
    return missing > 0 && placeOfLast(epoch) < buffer * blocksInBuffer ? full - missing : full;
  }

  private int bufferOf(long epoch, long place) {
    int buffer = (int) (place / ((long) blocksInBuffer * blockSize));
    int buffers = (blocks() + blocksInBuffer - 1) / blocksInBuffer;
    return buffer + 1 < buffers && firstOf(epoch, buffer + 1) <= place ? buffer + 1 : buffer;
  }

  /** The position of the last block in the order of an epoch. */
  private int placeOfLast(long epoch) {
    int[] order = order(epoch);
    return order[order.length - 1];
  }

  private Buffer buffer(long epoch, int index) {
    try {
      return buffers.get(new Position(epoch, index), () -> read(epoch, index));
    } catch (ExecutionException | UncheckedExecutionException e) {
      if (e.getCause() instanceof UncheckedIOException cause) {
        throw cause;
      }
      throw new IllegalStateException("could not read records of epoch " + epoch, e);
    }
  }

  private Buffer read(long epoch, int index) {
    int[] order = order(epoch);
    int first = index * blocksInBuffer;
    int end = Math.min(blocks(), first + blocksInBuffer);
    int count = 0;
    for (int i = first; i < end; i++) {
      count += sizeOf(order[i]);
    }
    int recordSize = source.layout().recordSize();
    byte[] records = new byte[Math.multiplyExact(count, recordSize)];
    int[] indices = new int[count];
    int[] places = streams.stream("buffer", epoch, index).permutation(count);
    int done = 0;
    byte[] block = new byte[blockSize * recordSize];
    for (int i = first; i < end; i++) {
      int size = sizeOf(order[i]);
      source.readRecords(order[i] * blockSize, size, block);
      for (int k = 0; k < size; k++) {
        int place = places[done++];
        indices[place] = order[i] * blockSize + k;
        System.arraycopy(block, k * recordSize, records, place * recordSize, recordSize);
      }
    }
    return new Buffer(records, indices);
  }

  /** The blocks in their order, followed by the position of the last block in it. */
  private int[] order(long epoch) {
    try {
      return orders.get(
          epoch,
          () -> {
            int[] order = streams.stream("blocks", epoch).permutation(blocks());
            int[] withLast = Arrays.copyOf(order, order.length + 1);
            for (int i = 0; i < order.length; i++) {
              if (order[i] == order.length - 1) {
                withLast[order.length] = i;
              }
            }
            return withLast;
          });
    } catch (ExecutionException | UncheckedExecutionException e) {
      throw new IllegalStateException("could not shuffle epoch " + epoch, e);
    }
  }

  @Override
  public String toString() {
    return "ShardedBatches[" + batchesPerEpoch() + " of " + batchSize + " from " + source + "]";
  }

  /** Optional settings of {@link ShardedBatches}. Not thread-safe. */
  public static final class Builder {

    private final RecordFiles source;
    private final int batchSize;
    private final RandomStreams streams;
    private int bufferSize = 16_384;
    private int blockSize = 256;
    private Augmentation augmentation = Augmentation.none();

    private Builder(RecordFiles source, int batchSize, RandomStreams streams) {
      checkArgument(batchSize > 0, "batch size must be at least 1, was %s", batchSize);
      checkArgument(
          source.size() >= batchSize,
          "%s has %s images, fewer than a batch of %s",
          source.name(),
          source.size(),
          batchSize);
      this.source = source;
      this.batchSize = batchSize;
      this.streams = requireNonNull(streams);
    }

    /**
     * Sets the size of the shuffle buffer.
     *
     * @param bufferSize capacity in images, at least 1, rounded down to whole blocks; 16,384 by
     *     default
     * @return this
     */
    public Builder bufferSize(int bufferSize) {
      checkArgument(bufferSize > 0, "buffer size must be at least 1, was %s", bufferSize);
      this.bufferSize = bufferSize;
      return this;
    }

    /**
     * Sets the number of records that are read together.
     *
     * @param blockSize records per block, at least 1; 256 by default
     * @return this
     */
    public Builder blockSize(int blockSize) {
      checkArgument(blockSize > 0, "block size must be at least 1, was %s", blockSize);
      this.blockSize = blockSize;
      return this;
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
     * Builds the set.
     *
     * @return batches of these settings
     */
    public ShardedBatches build() {
      return new ShardedBatches(this);
    }
  }
}
