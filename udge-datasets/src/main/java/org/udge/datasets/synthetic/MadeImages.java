package org.udge.datasets.synthetic;

import static java.util.Objects.checkIndex;
import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/** A source without labels, in which each image is generated from its index. */
abstract class MadeImages implements ImageSource {

  private final String name;
  private final ImageShape shape;
  private final int count;

  MadeImages(String name, ImageShape shape, int count) {
    checkArgument(count > 0, "number of images must be at least 1, was %s", count);
    this.name = requireNonNull(name);
    this.shape = requireNonNull(shape);
    this.count = count;
  }

  /** Generates an image, with values in [-1, 1]. The index has been checked. */
  abstract void make(int index, float[] pixels);

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final int size() {
    return count;
  }

  @Override
  public final ImageShape shape() {
    return shape;
  }

  @Override
  public final List<String> classNames() {
    return List.of();
  }

  @Override
  public final int read(int index, float[] target, int offset) {
    float[] pixels = new float[shape.size()];
    make(checkIndex(index, count), pixels);
    System.arraycopy(pixels, 0, target, offset, pixels.length);
    return Batch.UNLABELED;
  }

  @Override
  public final int label(int index) {
    checkIndex(index, count);
    return Batch.UNLABELED;
  }

  @Override
  public final String toString() {
    return String.format(Locale.ROOT, "%s (%,d images of %s)", name, count, shape);
  }
}
