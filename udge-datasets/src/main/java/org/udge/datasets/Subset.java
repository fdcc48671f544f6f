package org.udge.datasets;

import static java.util.Objects.checkIndex;
import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.stream.IntStream;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/**
 * Some images of another source, in any order; nothing is copied.
 *
 * <p>Immutable and thread-safe.
 */
public final class Subset implements ImageSource {

  private final ImageSource source;
  private final String name;
  private final int[] indices;
  private final boolean labeled;

  private Subset(ImageSource source, String name, int[] indices, boolean labeled) {
    this.source = requireNonNull(source);
    this.name = requireNonNull(name);
    this.indices = indices;
    this.labeled = labeled;
  }

  /**
   * Images of the given indices.
   *
   * @param source the source
   * @param indices the indices in the desired order; an index may occur twice; copied
   * @return the view, with the source's name
   * @throws IndexOutOfBoundsException if an index is not in the source
   */
  public static Subset of(ImageSource source, int... indices) {
    for (int index : indices) {
      checkIndex(index, source.size());
    }
    return new Subset(source, source.name(), indices.clone(), true);
  }

  /**
   * The first images.
   *
   * @param source the source
   * @param count number of images, 0 to the source's size
   * @return the view, with the source's name
   * @throws IllegalArgumentException if there are not that many
   */
  public static Subset first(ImageSource source, int count) {
    checkArgument(
        count >= 0 && count <= source.size(),
        "number of images must be from 0 to %s, the size of %s, was %s",
        source.size(),
        source.name(),
        count);
    return of(source, IntStream.range(0, count).toArray());
  }

  /**
   * The same images under another name.
   *
   * @param name a name for tables and plots
   * @return the view
   */
  public Subset named(String name) {
    return new Subset(source, name, indices, labeled);
  }

  /**
   * The same images with their labels hidden, for semi-supervised training. The class names are
   * kept.
   *
   * @return the view, whose labels are all {@link Batch#UNLABELED}
   */
  public Subset withoutLabels() {
    return new Subset(source, name, indices, false);
  }

  /** The source of the images. */
  ImageSource source() {
    return source;
  }

  /**
   * The positions of the images in the source.
   *
   * @return one index per image; a copy
   */
  public int[] indices() {
    return indices.clone();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public ImageShape shape() {
    return source.shape();
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public int read(int index, float[] target, int offset) {
    int label = source.read(indices[checkIndex(index, indices.length)], target, offset);
    return labeled ? label : Batch.UNLABELED;
  }

  @Override
  public int label(int index) {
    int position = indices[checkIndex(index, indices.length)];
    return labeled ? source.label(position) : Batch.UNLABELED;
  }

  @Override
  public String toString() {
    return Labels.describe(this);
  }
}
