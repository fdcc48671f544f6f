package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.internal.HostImages;

/**
 * Checks that arrays are valid input of a classifier: of its shape, finite, and in the range of its
 * pixels. For implementations of {@code Classifier}; models have one built in.
 *
 * <p>Images out of range by more than a {@linkplain PixelRange#margin() margin} are probably in
 * other units: they are accepted with a single warning, or refused. Immutable and thread-safe;
 * copies share the warning.
 */
public final class ImageCheck {

  private static final Logger LOG = LoggerFactory.getLogger(ImageCheck.class);

  private final int channels;
  private final Optional<ImageShape> shape;
  private final Optional<PixelRange> range;
  private final float lowest;
  private final float highest;
  private final boolean refusing;
  private final AtomicBoolean warned;

  private ImageCheck(
      int channels,
      Optional<ImageShape> shape,
      Optional<PixelRange> range,
      boolean refusing,
      AtomicBoolean warned) {
    this.channels = channels;
    this.shape = shape;
    this.range = range;
    this.lowest = range.map(r -> (float) (r.low() - r.margin())).orElse(-Float.MAX_VALUE);
    this.highest = range.map(r -> (float) (r.high() + r.margin())).orElse(Float.MAX_VALUE);
    this.refusing = refusing;
    this.warned = warned;
  }

  /**
   * Returns a check for images of any size and range.
   *
   * @param count the number of channels, at least 1
   * @return the check
   * @throws IllegalArgumentException if it is below 1
   */
  public static ImageCheck ofChannels(int count) {
    checkArgument(count > 0, "channels must be at least 1, was %s", count);
    return new ImageCheck(count, Optional.empty(), Optional.empty(), false, new AtomicBoolean());
  }

  /**
   * Returns a check for images of one shape and any range.
   *
   * @param shape the shape of the images
   * @return the check
   */
  public static ImageCheck of(ImageShape shape) {
    return new ImageCheck(
        shape.channels(), Optional.of(shape), Optional.empty(), false, new AtomicBoolean());
  }

  /**
   * Returns a copy that also checks the range of pixels.
   *
   * @param other the range of pixel values
   * @return a copy
   */
  public ImageCheck withRange(PixelRange other) {
    return new ImageCheck(channels, shape, Optional.of(other), refusing, warned);
  }

  /**
   * Returns a copy that refuses images out of range, where this one warns.
   *
   * @return a copy
   */
  public ImageCheck refusing() {
    return new ImageCheck(channels, shape, range, true, warned);
  }

  /**
   * Checks images.
   *
   * @param images floating-point, [N, C, H, W] or [N, F]; not modified
   * @return the images as float32, [N, C, H, W], in C order; may be {@code images} itself
   * @throws IllegalArgumentException if the shape or the type is wrong, a number is not finite, or,
   *     after {@link #refusing}, out of range
   */
  public INDArray check(INDArray images) {
    String found = Arrays.toString(images.shape());
    checkArgument(
        images.dataType().isFPType(),
        "images must be floating-point numbers, were %s %s: scale them as the training images were",
        images.dataType(),
        found);
    INDArray four =
        images.rank() == 2 ? images.reshape(images.size(0), images.size(1), 1, 1) : images;
    checkArgument(four.rank() == 4, "images must be [N, C, H, W], were %s", found);
    checkArgument(four.size(0) > 0, "there must be at least one image, shape was %s", found);
    checkArgument(
        four.size(1) == channels, "images must have %s channels, shape was %s", channels, found);
    shape.ifPresent(
        s ->
            checkArgument(
                four.size(2) == s.height() && four.size(3) == s.width(),
                "images must be %s, shape was %s",
                s,
                found));
    INDArray ordered = HostImages.dense(four.castTo(DataType.FLOAT));
    checkNumbers(ordered);
    return ordered;
  }

  private void checkNumbers(INDArray images) {
    int imageSize = (int) (images.length() / images.size(0));
    Optional<String> outside = HostImages.keeping(images, kept -> outside(kept, imageSize));
    outside.ifPresent(this::tellOfRange);
  }

  /** Describes the first number out of range; empty if there is none. */
  private Optional<String> outside(INDArray images, int imageSize) {
    FloatBuffer pixels = images.data().asNioFloat();
    int length = Math.toIntExact(images.length());
    Optional<String> first = Optional.empty();
    for (int i = 0; i < length; i++) {
      float pixel = pixels.get(i);
      if (pixel >= lowest && pixel <= highest) {
        continue;
      }
      String place = i / imageSize + " has " + pixel + " at position " + i % imageSize;
      checkArgument(Float.isFinite(pixel), "images must be finite numbers, but image %s", place);
      if (first.isEmpty()) {
        first = Optional.of(place);
      }
    }
    return first;
  }

  private void tellOfRange(String place) {
    String message =
        "images must be in "
            + range.orElseThrow()
            + " as those the model was made for, but image "
            + place;
    checkArgument(!refusing, "%s", message);
    if (warned.compareAndSet(false, true)) {
      LOG.warn("{}; results may be meaningless (this warning appears once)", message);
    }
  }
}
