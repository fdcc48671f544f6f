package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/** A worker's share of a distributed data set, in the memory of its executor. */
@DefaultSerializer(JavaSerializer.class)
final class ExampleShard implements ImageSource, Serializable {

  private static final long serialVersionUID = 1;

  private final int worker;
  private final int channels;
  private final int height;
  private final int width;
  private final List<String> classNames;
  private final float[][] pixels;
  private final int[] labels;

  ExampleShard(int worker, ImageShape shape, List<String> classNames, List<Example> examples) {
    this.worker = worker;
    this.channels = shape.channels();
    this.height = shape.height();
    this.width = shape.width();
    this.classNames = List.copyOf(classNames);
    pixels = new float[examples.size()][];
    labels = new int[examples.size()];
    for (int i = 0; i < pixels.length; i++) {
      Example example = examples.get(i);
      checkArgument(
          example.pixels().length == shape.size(),
          "image %s of %s has %s numbers, images of %s have %s",
          i,
          name(),
          example.pixels().length,
          shape,
          shape.size());
      checkArgument(
          example.label() >= 0 && example.label() < classNames.size(),
          "image %s of %s has label %s, there are %s classes",
          i,
          name(),
          example.label(),
          classNames.size());
      pixels[i] = example.pixels();
      labels[i] = example.label();
    }
  }

  @Override
  public String name() {
    return "the images of worker " + worker;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public ImageShape shape() {
    return new ImageShape(channels, height, width);
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int read(int index, float[] target, int offset) {
    System.arraycopy(pixels[index], 0, target, offset, pixels[index].length);
    return labels[index];
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public String toString() {
    return name() + ", " + labels.length;
  }
}
