package org.udge.datasets;

import static java.util.Objects.checkIndex;
import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/**
 * Several sources with the same shape and classes, concatenated into one; nothing is copied.
 *
 * <p>Immutable and thread-safe.
 */
public final class Concatenation implements ImageSource {

  private final String name;
  private final List<ImageSource> parts;
  private final int[] starts;
  private final int size;

  private Concatenation(String name, List<ImageSource> parts) {
    this.name = name;
    this.parts = parts;
    starts = new int[parts.size()];
    int total = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = total;
      total = Math.addExact(total, parts.get(i).size());
    }
    size = total;
  }

  /**
   * Concatenates sources.
   *
   * @param name a name for tables and plots
   * @param parts the sources in order, at least one
   * @return all their images
   * @throws IllegalArgumentException if there is none, or shapes or classes differ
   */
  public static ImageSource of(String name, List<? extends ImageSource> parts) {
    checkArgument(!parts.isEmpty(), "there must be at least one source to concatenate");
    ImageSource first = parts.get(0);
    for (ImageSource part : parts) {
      checkArgument(
          part.shape().equals(first.shape()),
          "all parts must have images of the same shape: %s has %s, %s has %s",
          first.name(),
          first.shape(),
          part.name(),
          part.shape());
      checkArgument(
          part.classNames().equals(first.classNames()),
          "all parts must have the same classes: %s has %s, %s has %s",
          first.name(),
          first.classNames(),
          part.name(),
          part.classNames());
    }
    return new Concatenation(requireNonNull(name), List.copyOf(parts));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public ImageShape shape() {
    return parts.get(0).shape();
  }

  @Override
  public List<String> classNames() {
    return parts.get(0).classNames();
  }

  @Override
  public int read(int index, float[] target, int offset) {
    int part = partOf(index);
    return parts.get(part).read(index - starts[part], target, offset);
  }

  @Override
  public int label(int index) {
    int part = partOf(index);
    return parts.get(part).label(index - starts[part]);
  }

  /** The last part that starts at or before the index; never an empty part. */
  private int partOf(int index) {
    int found = Arrays.binarySearch(starts, checkIndex(index, size));
    int part = found >= 0 ? found : -found - 2;
    while (starts[part] + parts.get(part).size() <= index) {
      part++;
    }
    return part;
  }

  @Override
  public String toString() {
    return Labels.describe(this);
  }
}
