package org.udge.evaluation;

import static org.udge.evaluation.EvaluationFixtures.goldenFile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.udge.EnergyModel;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.internal.HostImages;
import org.udge.interop.PyTorchWideResNet;
import org.udge.network.Norm;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/** Models and images of the tests of evaluation and serving. */
public final class Models {

  public static final ImageShape SHAPE = new ImageShape(2, 5, 4);
  public static final int CLASSES = 3;

  private Models() {}

  /** A small network without kinks, so that finite differences of it mean something. */
  public static EnergyModel smooth() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(7)
                .weightInit(WeightInit.XAVIER)
                .graphBuilder()
                .addInputs("image")
                .addLayer(
                    "convolution",
                    new ConvolutionLayer.Builder(3, 3).nOut(6).activation(Activation.TANH).build(),
                    "image")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "convolution")
                .addLayer(
                    "logits",
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "pool")
                .setOutputs("logits")
                .setInputTypes(
                    InputType.convolutional(SHAPE.height(), SHAPE.width(), SHAPE.channels()))
                .build());
    graph.init();
    // Large enough weights that energies curve and classes differ.
    graph.params().muli(3);
    return EnergyModel.builder(graph)
        .shape(SHAPE)
        .engine(EngineSettings.of(EngineChoice.GRAPH))
        .classNames(List.of("cat", "dog", "ship"))
        .build();
  }

  /** The golden network without normalization. */
  public static EnergyModel golden() {
    try {
      ComputationGraph graph =
          PyTorchWideResNet.importer()
              .norm(Norm.NONE)
              .read(goldenFile("wrn_none.pt").toPath())
              .graph();
      return EnergyModel.builder(graph)
          .shape(ImageShape.CIFAR)
          .engine(EngineSettings.ofDefaults().withThreads(1))
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Random images of the small network. */
  public static INDArray images(int count, long seed) {
    float[] pixels = new float[count * SHAPE.size()];
    RandomStreams.of(seed).stream("images").fillUniform(pixels, -0.9, 0.9);
    return Nd4j.createFromArray(pixels).reshape(SHAPE.batch(count));
  }

  public static int[] labels(int count, long seed) {
    RandomStream random = RandomStreams.of(seed).stream("labels");
    return IntStream.range(0, count).map(i -> random.nextInt(CLASSES)).toArray();
  }

  /** A source of such images. */
  public static MemorySource source(String name, int count, long seed) {
    return new MemorySource(
        name, HostImages.copy(images(Math.max(count, 1), seed)), labels(count, seed));
  }

  public record MemorySource(String name, float[] pixels, int[] labels) implements ImageSource {

    @Override
    public int size() {
      return labels.length;
    }

    @Override
    public ImageShape shape() {
      return SHAPE;
    }

    @Override
    public List<String> classNames() {
      return List.of("cat", "dog", "ship");
    }

    @Override
    public int read(int index, float[] target, int offset) {
      System.arraycopy(pixels, index * SHAPE.size(), target, offset, SHAPE.size());
      return labels[index];
    }

    public INDArray array() {
      return Nd4j.createFromArray(pixels).reshape(SHAPE.batch(size()));
    }
  }
}
