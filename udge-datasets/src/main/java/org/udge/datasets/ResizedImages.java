package org.udge.datasets;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.formats.Resizer;

/**
 * The images of another source, converted to another shape: the largest centered region of the
 * target aspect ratio is resized (bilinear; when reduced, each pixel is a mean over the area that
 * it covers); one channel becomes three equal ones, and three become the luminance. MNIST, for
 * instance, can be evaluated against a model of CIFAR.
 *
 * <p>Immutable and thread-safe if the source is.
 */
public final class ResizedImages implements ImageSource {

  private final ImageSource source;
  private final ImageShape shape;
  private final Resizer resizer;

  private ResizedImages(ImageSource source, ImageShape shape) {
    this.source = source;
    this.shape = shape;
    resizer = Resizer.of(source.shape(), shape);
  }

  /**
   * Converts images to a shape.
   *
   * @param source the images, of 1 or 3 channels
   * @param shape the target shape, with 1 or 3 channels
   * @return the view; the source itself if it has that shape
   * @throws IllegalArgumentException if a number of channels is neither 1 nor 3
   */
  public static ImageSource of(ImageSource source, ImageShape shape) {
    return source.shape().equals(requireNonNull(shape)) ? source : new ResizedImages(source, shape);
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public int read(int index, float[] target, int offset) {
    float[] pixels = new float[source.shape().size()];
    int label = source.read(index, pixels, 0);
    resizer.apply(pixels, target, offset);
    return label;
  }

  @Override
  public int label(int index) {
    return source.label(index);
  }

  @Override
  public String toString() {
    return Labels.describe(this);
  }
}
