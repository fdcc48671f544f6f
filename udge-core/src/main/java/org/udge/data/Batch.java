package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images and, if known, their labels.
 *
 * <p>Images are float32, [N, C, H, W], usually in [-1, 1]. Rows of a table, [N, F], become images
 * of F channels of one pixel, [N, F, 1, 1]. The label {@link #UNLABELED} means "unknown". The
 * arrays belong to the batch: readers must not modify them, nor use them after {@link #close()},
 * which may return the buffers to a pool.
 *
 * <p>Not thread-safe, but may be handed from one thread to another.
 */
public final class Batch implements AutoCloseable {

  /** The label of an image whose class is unknown. */
  public static final int UNLABELED = -1;

  private final INDArray images;
  private final int[] labels;
  private final Runnable release;

  private Batch(INDArray given, int[] labels, Runnable release) {
    INDArray images = given.rank() == 2 ? given.reshape(given.size(0), given.size(1), 1, 1) : given;
    checkArgument(
        images.rank() == 4 && images.dataType() == DataType.FLOAT,
        "images must be a float32 array [N, C, H, W] or [N, F], was %s %s",
        given.dataType(),
        Arrays.toString(given.shape()));
    checkArgument(
        images.size(0) == labels.length,
        "there must be a label for each image: %s images, %s labels",
        images.size(0),
        labels.length);
    this.images = images;
    this.labels = labels;
    this.release = release;
  }

  /**
   * Returns a batch of labeled images.
   *
   * @param images float32, [N, C, H, W], or [N, F] for rows of a table; kept, not copied
   * @param labels N class indices, or {@link #UNLABELED}; kept, not copied
   * @return the batch
   * @throws IllegalArgumentException if the shapes or the type are wrong
   */
  public static Batch of(INDArray images, int... labels) {
    return new Batch(images, labels, () -> {});
  }

  /**
   * Returns a batch of labeled images whose buffers are reused after {@link #close()}.
   *
   * @param images float32, [N, C, H, W], or [N, F] for rows of a table; kept, not copied
   * @param labels N class indices, or {@link #UNLABELED}; kept, not copied
   * @param release invoked by {@link #close()}
   * @return the batch
   * @throws IllegalArgumentException if the shapes or the type are wrong
   */
  public static Batch pooled(INDArray images, int[] labels, Runnable release) {
    return new Batch(images, labels, release);
  }

  /**
   * Returns a batch of images without labels.
   *
   * @param images float32, [N, C, H, W], or [N, F] for rows of a table; kept, not copied
   * @return the batch
   * @throws IllegalArgumentException if the shape or the type is wrong
   */
  public static Batch unlabeled(INDArray images) {
    checkArgument(images.rank() > 0, "images must be [N, C, H, W] or [N, F], was a scalar");
    int[] labels = new int[(int) images.size(0)];
    Arrays.fill(labels, UNLABELED);
    return new Batch(images, labels, () -> {});
  }

  /**
   * Returns the images.
   *
   * @return float32, [N, C, H, W]; owned by the batch
   */
  public INDArray images() {
    return images;
  }

  /**
   * Returns the labels.
   *
   * @return N class indices or {@link #UNLABELED}; owned by the batch
   */
  public int[] labels() {
    return labels;
  }

  /**
   * Returns the labels, all of which must be known.
   *
   * @return N class indices; owned by the batch
   * @throws IllegalStateException if one is {@link #UNLABELED}
   */
  public int[] requireLabels() {
    for (int i = 0; i < labels.length; i++) {
      checkState(labels[i] != UNLABELED, "image %s of the batch has no label", i);
    }
    return labels;
  }

  /**
   * Returns the number of images.
   *
   * @return N
   */
  public int size() {
    return labels.length;
  }

  /** Returns the buffers to where they came from. Closing again is harmless. */
  @Override
  public void close() {
    release.run();
  }
}
