package org.udge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.preprocessor.NormalizerStandardize;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.network.WideResNet;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class ModelFileTest {

  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);

  @TempDir private Path folder;
  private Path file;
  private EnergyModel model;

  @BeforeEach
  void save() throws IOException {
    file = folder.resolve("sub/model.zip");
    model =
        EnergyModel.builder(WideResNet.of(10, 1))
            .shape(SHAPE)
            .classNames(List.of("a", "b"))
            .calibration(Calibration.vector(new double[] {0.5, 2}, new double[] {0, 1}))
            .pixelRange(new PixelRange(0, 1))
            .threshold(Threshold.of("odin", 0.25))
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build();
    model.withThreshold(new Threshold("px", -2.5, OptionalDouble.of(0.04), 500)).save(file);
  }

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void a_loaded_model_is_the_saved_one() throws IOException {
    INDArray images = Nd4j.ones(2, 1, 8, 8).castTo(DataType.FLOAT);
    try (EnergyModel loaded = EnergyModel.load(file)) {
      assertThat(loaded.graph().params()).isEqualTo(model.graph().params());
      assertThat(loaded.classNames()).containsExactly("a", "b");
      assertThat(loaded.shape()).isEqualTo(SHAPE);
      assertThat(loaded.calibration()).isEqualTo(model.calibration());
      assertThat(loaded.pixelRange()).contains(new PixelRange(0, 1));
      assertThat(loaded.threshold("odin")).contains(Threshold.of("odin", 0.25));
      assertThat(loaded.threshold("px"))
          .contains(new Threshold("px", -2.5, OptionalDouble.of(0.04), 500));
      assertThat(loaded.threshold("py")).isEmpty();
      assertThat(loaded.energy(images)[0]).isCloseTo(model.energy(images)[0], within(1e-5));
    }
  }

  @Test
  void deeplearning4j_reads_the_file_too() throws IOException {
    ComputationGraph graph = ModelSerializer.restoreComputationGraph(file.toFile());
    assertThat(graph.params()).isEqualTo(model.graph().params());
  }

  @Test
  void refuses_absent_files() {
    assertThatThrownBy(() -> EnergyModel.load(folder.resolve("none.zip")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.zip")
        .hasMessageContaining("no such model file");
  }

  @Test
  void refuses_files_cut_short() throws IOException {
    byte[] all = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(all, all.length / 2));
    assertThatThrownBy(() -> EnergyModel.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.zip")
        .hasMessageContaining("damaged");
  }

  @Test
  void refuses_damaged_parameters() throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      Files.write(zip.getPath("coefficients.bin"), new byte[] {1, 2, 3});
    }
    assertThatThrownBy(() -> EnergyModel.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged");
  }

  @Test
  void a_flipped_bit_anywhere_is_refused_or_does_no_harm() throws IOException {
    byte[] intact = Files.readAllBytes(file);
    RandomStream random = RandomStreams.of(1).stream("flips");
    int refused = 0;
    for (int i = 0; i < 60; i++) {
      byte[] damaged = intact.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, damaged);
      try (EnergyModel loaded = EnergyModel.load(file)) {
        assertThat(loaded.graph().params()).isEqualTo(model.graph().params());
        assertThat(loaded.calibration()).isEqualTo(model.calibration());
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("model.zip");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(50);
  }

  @Test
  void refuses_a_calibration_without_its_bias() throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      Path entry = zip.getPath("udge-model.json");
      Files.writeString(
          entry, Files.readString(entry).replace("calibrationBias", "calibrationBiased"));
    }
    assertThatThrownBy(() -> EnergyModel.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("contradicts itself: its calibration has no bias");
  }

  @Test
  void reads_deeplearning4js_own_files_and_opens_neither_updater_nor_normalizer()
      throws IOException {
    Path plain = folder.resolve("dl4j.zip");
    NormalizerStandardize normalizer = new NormalizerStandardize();
    normalizer.fit(new DataSet(Nd4j.rand(4, 3), Nd4j.rand(4, 2)));
    ModelSerializer.writeModel(model.graph(), plain.toFile(), true);
    ModelSerializer.addNormalizerToModel(plain.toFile(), normalizer);
    try (EnergyModel loaded = EnergyModel.load(plain)) {
      assertThat(loaded.graph().params()).isEqualTo(model.graph().params());
      assertThat(loaded.classNames()).containsExactly("0", "1");
      assertThat(loaded.calibration()).isEmpty();
    }
  }

  @Test
  void reads_deeplearning4js_networks_of_layers() throws IOException {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .updater(new Adam(1e-3))
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(4).build())
                .layer(new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(8, 8, 1))
                .build());
    network.init();
    Path plain = folder.resolve("layers.zip");
    ModelSerializer.writeModel(network, plain.toFile(), true);
    INDArray images = Nd4j.rand(DataType.FLOAT, 2, 1, 8, 8);
    try (EnergyModel loaded = EnergyModel.load(plain)) {
      assertThat(loaded.predict(images).probabilities(1)[2])
          .isCloseTo(network.output(images).getDouble(1, 2), within(1e-6));
    }
  }

  @Test
  void refuses_foreign_zips() throws IOException {
    Path foreign = folder.resolve("foreign.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(foreign))) {
      zip.putNextEntry(new ZipEntry("readme.txt"));
    }
    assertThatThrownBy(() -> EnergyModel.load(foreign))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "file %s is a zip but not a model: it has no entry configuration.json", foreign);
  }

  @Test
  void refuses_newer_formats() throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(file)) {
      Path entry = zip.getPath("udge-model.json");
      Files.writeString(
          entry, Files.readString(entry).replace("\"format\" : 1", "\"format\" : 99"));
    }
    assertThatThrownBy(() -> EnergyModel.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("format 99")
        .hasMessageContaining("newer version");
  }
}
