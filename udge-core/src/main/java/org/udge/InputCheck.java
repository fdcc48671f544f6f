package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.internal.HostImages;

/** Whether arrays are images that a model can answer. Thread-safe. */
final class InputCheck {

  private static final Logger LOG = LoggerFactory.getLogger(EnergyModel.class);

  private final int channels;
  private final Optional<ImageShape> shape;
  private final Optional<PixelRange> range;
  private final float lowest;
  private final float highest;
  private final boolean refusing;
  private final AtomicBoolean warned;

  private InputCheck(
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

  static InputCheck of(ComputationGraph graph, ModelTraits traits, boolean refusing) {
    int channels =
        traits.shape().map(ImageShape::channels).orElseGet(() -> GraphInspection.channels(graph));
    return new InputCheck(
        channels, traits.shape(), traits.pixelRange(), refusing, new AtomicBoolean());
  }

  InputCheck refusing() {
    return new InputCheck(channels, shape, range, true, warned);
  }

  /** The images as float32, [N, C, H, W], in the order of their indices. */
  INDArray check(INDArray images) {
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

  /** Where the first number out of range is. */
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
      LOG.warn("{}; results may mean nothing (this is said once)", message);
    }
  }
}
