package org.udge.fuzz;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.distribution.UniformDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Threshold;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.evaluation.features.FeatureExtractor;
import org.udge.evaluation.features.Mahalanobis;
import org.udge.evaluation.features.NearestNeighbors;
import org.udge.evaluation.features.TrainingFeatures;
import org.udge.interop.NpyFile;
import org.udge.interop.PyTorchCheckpoint;
import org.udge.interop.SafeTensors;
import org.udge.interop.Tensor;
import org.udge.network.ConvNet;
import org.udge.random.RandomStream;
import org.udge.state.State;
import org.udge.state.StateFiles;

/** Damaged and hostile files of every format that this module reads. */
class FormatsFuzzTest {

  private static final int LARGEST_SEED = 40_000;

  @TempDir private Path folder;

  /** The small files of a folder of the resources that can be read. */
  private static List<byte[]> seeds(String name, Fuzz.Reader reader) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    Path resources;
    try {
      resources = Path.of(FormatsFuzzTest.class.getResource("/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
    try (Stream<Path> files = Files.list(resources)) {
      for (Path file : files.sorted(comparing(Path::toString)).toList()) {
        if (Files.size(file) <= LARGEST_SEED && isReadable(file, reader)) {
          seeds.add(Files.readAllBytes(file));
        }
      }
    }
    return seeds;
  }

  private static boolean isReadable(Path file, Fuzz.Reader reader) {
    try {
      reader.read(file);
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  private static void readArray(Path file) throws IOException {
    try (NpyFile array = NpyFile.open(file)) {
      if (array.rows() > 0 && array.rowSize() < 100_000) {
        array.readRows(0, 1, new float[array.rowSize()], 0);
      }
    }
    Tensor tensor = NpyFile.read(file);
    tensor.toDoubles();
    tensor.toINDArray();
  }

  private static void readCheckpoint(Path file) throws IOException {
    PyTorchCheckpoint checkpoint = PyTorchCheckpoint.read(file);
    for (Tensor tensor : checkpoint.tensors().values()) {
      tensor.toFloats();
    }
    checkpoint.stateDict();
  }

  @Test
  void arrays_of_numpy() throws IOException {
    List<byte[]> seeds = seeds("numpy", FormatsFuzzTest::readArray);
    Fuzz fuzz = Fuzz.of("npy", FormatsFuzzTest::readArray);
    seeds.forEach(fuzz::seed);
    fuzz.mutator(Mutators::bytes).mutator(Mutators.join(seeds)).run(folder);
  }

  @Test
  void checkpoints_of_pytorch() throws IOException {
    List<byte[]> seeds = seeds("pytorch", FormatsFuzzTest::readCheckpoint);
    Fuzz fuzz = Fuzz.of("pt", FormatsFuzzTest::readCheckpoint);
    seeds.forEach(fuzz::seed);
    fuzz.mutator(Mutators::bytes).mutator(Mutators.join(seeds)).run(folder);
  }

  @Test
  void pickles_of_pytorch() throws IOException {
    Fuzz fuzz = Fuzz.of("pickle", FormatsFuzzTest::readCheckpoint);
    seeds("pytorch", FormatsFuzzTest::readCheckpoint).forEach(fuzz::seed);
    fuzz.mutator(Mutators.zip(true, Map.of("data.pkl", Mutators::pickle))).run(folder);
  }

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("seed.safetensors");
    SafeTensors.of(
            Map.of(
                "conv.weight", tensor("little_f4.npy"),
                "flags", tensor("bool.npy"),
                "count", tensor("scalar.npy")),
            Map.of("format", "pt"))
        .write(file);
    Fuzz.of("safetensors", SafeTensors::read)
        .seed(Files.readAllBytes(file))
        .mutator(Mutators::bytes)
        .mutator(FormatsFuzzTest::header)
        .run(folder);
  }

  /** Gives no features: only its size and fingerprint are asked for. */
  private static final class Sized implements FeatureExtractor {
    @Override
    public String name() {
      return "three";
    }

    @Override
    public int size() {
      return 3;
    }

    @Override
    public double[][] features(INDArray images) {
      throw new IllegalStateException("no image is scored here");
    }
  }

  private static Path features(Path file, float... labels) throws IOException {
    float[] rows = new float[3 * labels.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i * i % 7;
    }
    SafeTensors.of(
            Map.of(
                "features", Tensor.of(rows, labels.length, 3),
                "labels", Tensor.of(labels, labels.length)),
            Map.of("name", "three", "fingerprint", "three"))
        .write(file);
    return file;
  }

  private static void fit(Path file) throws IOException {
    TrainingFeatures known = TrainingFeatures.read(file, new Sized());
    assertThat(NearestNeighbors.fit(known, 1).name()).isNotEmpty();
    assertThat(Mahalanobis.fit(known).name()).isNotEmpty();
  }

  @Test
  void features_of_training_images() throws IOException {
    Path file = features(folder.resolve("seed.features"), 0, 1, 2, 0, 1, 2, 0, 1);
    Fuzz.of("features", FormatsFuzzTest::fit)
        .seed(Files.readAllBytes(file))
        .mutator(Mutators::bytes)
        .mutator(FormatsFuzzTest::header)
        .run(folder);
  }

  @Test
  void labels_of_training_images_make_no_large_arrays() throws IOException {
    Path file = features(folder.resolve("large.features"), 0, 16_000_000);
    assertThatThrownBy(() -> fit(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "there are 2 training images, too few for the 16000001 classes of their labels");
    Path larger = features(folder.resolve("larger.features"), 0, 2e9f);
    assertThatThrownBy(() -> fit(larger))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("larger.features is damaged: image 1 has", "label 2.0E9");
  }

  private static Tensor tensor(String resource) throws IOException {
    try {
      return NpyFile.read(Path.of(FormatsFuzzTest.class.getResource("/numpy/" + resource).toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Changes the text that starts a safetensors file; the length before it stays right. */
  private static byte[] header(byte[] seed, RandomStream random) {
    ByteBuffer file = ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN);
    if (seed.length < Long.BYTES || file.getLong(0) < 0 || file.getLong(0) > seed.length - 8) {
      return seed;
    }
    int end = 8 + (int) file.getLong(0);
    byte[] text = Mutators.json(Arrays.copyOfRange(seed, 8, end), random);
    ByteBuffer changed =
        ByteBuffer.allocate(8 + text.length + seed.length - end).order(ByteOrder.LITTLE_ENDIAN);
    changed.putLong(text.length).put(text).put(seed, end, seed.length - end);
    return changed.array();
  }

  private Fuzz states(String format) throws IOException {
    Path file = folder.resolve("seed.state");
    State inner = State.builder().put("real", 0.5).put("text", "some text").build();
    StateFiles.write(
        State.builder()
            .put("floats", new float[] {1, 2, 3})
            .put("doubles", new double[] {1, 2})
            .put("longs", new long[] {4, 5})
            .put("bytes", new byte[100])
            .putRows("rows", new float[3][20])
            .put("step", 7)
            .put("inner", State.builder().put("x", 1).put("more", inner).build())
            .build(),
        file);
    return Fuzz.of(format, StateFiles::read).seed(Files.readAllBytes(file));
  }

  @Test
  void states() throws IOException {
    states("state").mutator(Mutators::bytes).run(folder);
  }

  @Test
  void states_with_right_checksums() throws IOException {
    states("state-inside").mutator(Mutators.zip(false, Map.of())).run(folder);
  }

  /** What becomes of the network is used too where only numbers changed. */
  private Fuzz models(String format) throws IOException {
    Path file = folder.resolve("seed.zip");
    String intact;
    try (EnergyModel model =
        EnergyModel.builder(ConvNet.of(4).withHidden(6))
            .shape(new ImageShape(1, 8, 8))
            .classNames(List.of("a", "b"))
            .calibration(Calibration.vector(new double[] {0.5, 2}, new double[] {0, 1}))
            .pixelRange(new PixelRange(-1, 1))
            .threshold(new Threshold("energy", -3.5, OptionalDouble.of(0.05), 100))
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      model.save(file);
      intact = model.graph().getConfiguration().toJson();
    }
    return Fuzz.of(
            format,
            mutant -> {
              try (EnergyModel model =
                  EnergyModel.load(mutant, EngineSettings.of(EngineChoice.GRAPH))) {
                if (model.graph().getConfiguration().toJson().equals(intact)) {
                  model.logDensity(Nd4j.zeros(DataType.FLOAT, 1, 1, 8, 8));
                }
              }
            })
        .seed(Files.readAllBytes(file))
        .seed(plain());
  }

  /** A file of Deeplearning4j's own, with parts that our networks do not have. */
  private byte[] plain() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .updater(new Adam(new StepSchedule(ScheduleType.EPOCH, 0.1, 0.5, 2)))
                .weightInit(new UniformDistribution(-1, 1))
                .constrainWeights(new MaxNormConstraint(2, 1))
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(2).build())
                .layer(new BatchNormalization())
                .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build())
                .layer(new DenseLayer.Builder().nOut(3).dropOut(0.5).build())
                .layer(new OutputLayer.Builder(weighted()).nOut(2).build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
    network.init();
    Path file = folder.resolve("plain.zip");
    ModelSerializer.writeModel(network, file.toFile(), true);
    return Files.readAllBytes(file);
  }

  private static LossMCXENT weighted() {
    return new LossMCXENT(Nd4j.createFromArray(1f, 2f));
  }

  @Test
  void models() throws IOException {
    models("model").mutator(Mutators::bytes).run(folder);
  }

  @Test
  void models_with_right_checksums() throws IOException {
    models("model-inside")
        .mutator(Mutators.zip(false, Map.of(".json", Mutators::json)))
        .run(folder);
  }
}
