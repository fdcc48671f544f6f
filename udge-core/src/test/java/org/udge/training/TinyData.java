package org.udge.training;

import java.util.List;
import java.util.stream.IntStream;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Three classes of 3 x 8 x 8 noise images that differ in the brightness of their channels. */
final class TinyData implements ImageSource, TrainingData {

  static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  static final int CLASSES = 3;

  private final int size;
  private final int batch;

  TinyData(int size, int batch) {
    this.size = size;
    this.batch = batch;
  }

  @Override
  public String name() {
    return "tiny";
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public ImageShape shape() {
    return SHAPE;
  }

  @Override
  public List<String> classNames() {
    return List.of("red", "green", "blue");
  }

  @Override
  public int read(int index, float[] target, int offset) {
    RandomStream random = RandomStreams.of(5).stream("image", index);
    int label = index % CLASSES;
    for (int i = 0; i < SHAPE.size(); i++) {
      int channel = i / (SHAPE.height() * SHAPE.width());
      target[offset + i] = (float) (random.nextGaussian() * 0.5 + (channel == label ? 0.3 : 0));
    }
    return label;
  }

  @Override
  public int batchesPerEpoch() {
    return size / batch;
  }

  @Override
  public Batch batch(long epoch, int index) {
    int[] order = RandomStreams.of(6).stream("shuffle", epoch).permutation(size);
    return read(IntStream.range(index * batch, (index + 1) * batch).map(i -> order[i]).toArray());
  }
}
