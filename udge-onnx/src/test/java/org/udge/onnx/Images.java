package org.udge.onnx;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.engine.EngineSettings;
import org.udge.network.Architecture;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Models and random images of the tests. */
final class Images {

  static final ImageShape SMALL = new ImageShape(3, 8, 8);
  static final List<String> CLASSES = List.of("cat", "dog", "ship");

  private Images() {}

  static INDArray of(ImageShape shape, int count, long seed) {
    float[] pixels = new float[count * shape.size()];
    RandomStreams.of(seed).stream("images").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(shape.batch(count));
  }

  /**
   * A model whose norms do something: all parameters moved a little, none to below 0 from above.
   */
  static EnergyModel model(Architecture architecture, ImageShape shape) {
    EnergyModel model =
        EnergyModel.builder(architecture)
            .shape(shape)
            .classNames(CLASSES)
            .engine(EngineSettings.ofDefaults().withThreads(1))
            .build();
    move(model.graph().params());
    model.parametersChanged();
    return model;
  }

  /** Moves parameters a little; variances stay positive. */
  static void move(INDArray parameters) {
    float[] factors = new float[(int) parameters.length()];
    float[] summands = new float[factors.length];
    RandomStreams.of(5).stream("factors").fillUniform(factors, 0.8, 1.2);
    RandomStreams.of(5).stream("summands").fillUniform(summands, -0.02, 0.02);
    parameters.muli(Nd4j.createFromArray(factors).reshape(parameters.shape()));
    parameters.addi(Nd4j.createFromArray(summands).reshape(parameters.shape()));
  }

  /** Labelled images in memory. */
  record Source(String name, ImageShape shape, float[] pixels, int[] labels)
      implements ImageSource {

    static Source of(String name, ImageShape shape, int count, long seed) {
      float[] pixels = new float[count * shape.size()];
      RandomStreams.of(seed).stream("images").fillUniform(pixels, -1, 1);
      RandomStream random = RandomStreams.of(seed).stream("labels");
      return new Source(
          name,
          shape,
          pixels,
          // Each class has an image.
          IntStream.range(0, count)
              .map(i -> i < CLASSES.size() ? i : random.nextInt(CLASSES.size()))
              .toArray());
    }

    @Override
    public int size() {
      return labels.length;
    }

    @Override
    public List<String> classNames() {
      return CLASSES;
    }

    @Override
    public int read(int index, float[] target, int offset) {
      System.arraycopy(pixels, index * shape.size(), target, offset, shape.size());
      return labels[index];
    }

    INDArray array() {
      return Nd4j.createFromArray(pixels).reshape(shape.batch(size()));
    }
  }
}
