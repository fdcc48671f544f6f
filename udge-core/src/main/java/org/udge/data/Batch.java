package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images and, where known, their labels.
 *
 * <p>Images are float32, [N, C, H, W], usually in [-1, 1]. Rows of a table, [N, F], become images
 * of F channels of one pixel, [N, F, 1, 1]. A label of {@link #UNLABELED} means "not known". The
 * arrays are the batch's own: whoever reads them must not change them, nor use them after {@link
 * #close()}, which may give the buffers back to a pool.
 *
 * <p>Not thread-safe, but may be handed from one thread to another.
 */
public final class Batch implements AutoCloseable {

  /** Label of an image whose class is not known. */
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
   * A batch of labeled images.
   *
   * @param images float32, [N, C, H, W], or [N, F] for rows of a table; kept, not copied
   * @param labels N class indices, or {@link #UNLABELED}; kept, not copied
   * @return the batch
   * @throws IllegalArgumentException if shapes or type are wrong
   */
  public static Batch of(INDArray images, int... labels) {
    return new Batch(images, labels, () -> {});
  }

  /**
   * A batch of labeled images whose buffers are used again after {@link #close()}.
   *
   * @param images float32, [N, C, H, W], or [N, F] for rows of a table; kept, not copied
   * @param labels N class indices, or {@link #UNLABELED}; kept, not copied
   * @param release runs on {@link #close()}
   * @return the batch
   * @throws IllegalArgumentException if shapes or type are wrong
   */
  public static Batch pooled(INDArray images, int[] labels, Runnable release) {
    return new Batch(images, labels, release);
  }

  /**
   * A batch of images without labels.
   *
   * @param images float32, [N, C, H, W], or [N, F] for rows of a table; kept, not copied
   * @return the batch
   * @throws IllegalArgumentException if shape or type are wrong
   */
  public static Batch unlabeled(INDArray images) {
    checkArgument(images.rank() > 0, "images must be [N, C, H, W] or [N, F], was a scalar");
    int[] labels = new int[(int) images.size(0)];
    Arrays.fill(labels, UNLABELED);
    return new Batch(images, labels, () -> {});
  }

  /**
   * The images.
   *
   * @return float32, [N, C, H, W]; the batch's own
   */
  public INDArray images() {
    return images;
  }

  /**
   * The labels.
   *
   * @return N class indices or {@link #UNLABELED}; the batch's own
   */
  public int[] labels() {
    return labels;
  }

  /**
   * The labels, where all must be known.
   *
   * @return N class indices; the batch's own
   * @throws IllegalStateException if one is {@link #UNLABELED}
   */
  public int[] requireLabels() {
    for (int i = 0; i < labels.length; i++) {
      checkState(labels[i] != UNLABELED, "image %s of the batch has no label", i);
    }
    return labels;
  }

  /**
   * How many images.
   *
   * @return N
   */
  public int size() {
    return labels.length;
  }

  /** Gives the buffers back to where they came from. Closing again does nothing harmful. */
  @Override
  public void close() {
    release.run();
  }
}
