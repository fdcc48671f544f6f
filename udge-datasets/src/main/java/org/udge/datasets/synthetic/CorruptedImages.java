package org.udge.datasets.synthetic;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStreams;

/**
 * The images of another source with one kind and severity of corruption, and with their labels, for
 * testing how robust a model is on its own task. Image i is a function of the source, the streams
 * and i alone, and is created when it is read.
 *
 * <p>Immutable, and thread-safe if the source is.
 */
public final class CorruptedImages implements ImageSource {

  private final ImageSource source;
  private final Corruption kind;
  private final int strength;
  private final RandomStreams streams;

  private CorruptedImages(
      ImageSource source, Corruption kind, int strength, RandomStreams streams) {
    this.source = requireNonNull(source);
    this.kind = requireNonNull(kind);
    this.strength = strength;
    this.streams = streams.child(kind.label());
  }

  /**
   * Corrupts images.
   *
   * @param source the images, values in [-1, 1]
   * @param kind the kind of corruption
   * @param strength 1 (weak) to 5 (strong)
   * @param streams the source of randomness
   * @return the view
   * @throws IllegalArgumentException if the strength is out of range
   */
  public static CorruptedImages of(
      ImageSource source, Corruption kind, int strength, RandomStreams streams) {
    checkArgument(
        strength >= 1 && strength <= Corruption.STRONGEST,
        "strength must be 1 to 5, was %s",
        strength);
    return new CorruptedImages(source, kind, strength, streams);
  }

  @Override
  public String name() {
    return source.name() + "+" + kind.label() + ":" + strength;
  }

  @Override
  public int size() {
    return source.size();
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
    float[] pixels = new float[shape().size()];
    int label = source.read(index, pixels, 0);
    kind.apply(pixels, shape(), strength, streams.stream("image", index));
    System.arraycopy(pixels, 0, target, offset, pixels.length);
    return label;
  }

  @Override
  public int label(int index) {
    return source.label(index);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s (%,d images of %s)", name(), size(), shape());
  }
}
