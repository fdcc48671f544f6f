package org.udge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.Threshold;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.evaluation.features.NetworkFeatures;
import org.udge.network.ConvNet;
import org.udge.network.Mlp;
import org.udge.network.Norm;
import org.udge.network.WideResNet;

/** What ONNX Runtime makes of exported models is what our engines make of them. */
class OnnxExporterTest {

  private static final double TOLERANCE = 1e-5;

  @TempDir private Path folder;

  private Path export(EnergyModel model) throws IOException {
    Path file = folder.resolve("model.onnx");
    OnnxExporter.of(model).write(file);
    return file;
  }

  /** Runs the file in plain ONNX Runtime, without anything of this module. */
  private static float[][] run(Path file, INDArray images, String output) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor input =
            OnnxTensor.createTensor(
                environment,
                java.nio.FloatBuffer.wrap(images.dup('c').data().asFloat()),
                images.shape());
        OrtSession.Result result = session.run(Map.of("images", input))) {
      return (float[][]) result.get(output).orElseThrow().getValue();
    }
  }

  private void assertSame(EnergyModel model, INDArray images) throws Exception {
    Path file = export(model);
    Logits expected = model.logits(images);
    float[][] logits = run(file, images, "logits");
    assertThat(logits).hasNumberOfRows(expected.rows());
    double largest = 0;
    for (int i = 0; i < logits.length; i++) {
      assertThat(logits[i]).hasSize(expected.classes());
      for (int c = 0; c < logits[i].length; c++) {
        largest = Math.max(largest, Math.abs(logits[i][c] - expected.get(i, c)));
      }
    }
    assertThat(largest).isLessThan(TOLERANCE);
  }

  private void assertSameFeatures(EnergyModel model, INDArray images) throws Exception {
    float[][] found = run(export(model), images, "features");
    try (NetworkFeatures features = NetworkFeatures.of(model)) {
      double[][] expected = features.features(images);
      for (int i = 0; i < expected.length; i++) {
        assertThat(found[i]).hasSize(features.size());
        for (int d = 0; d < expected[i].length; d++) {
          assertThat(Math.abs(found[i][d] - expected[i][d])).isLessThan(TOLERANCE);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void wide_resnets_of_every_norm(Norm norm) throws Exception {
    for (double dropout : new double[] {0, 0.3}) {
      try (EnergyModel model =
          Images.model(WideResNet.of(10, 1).withNorm(norm).withDropout(dropout), Images.SMALL)) {
        assertSame(model, Images.of(Images.SMALL, 3, 1));
        assertSame(model, Images.of(Images.SMALL, 1, 2));
        assertSameFeatures(model, Images.of(Images.SMALL, 2, 3));
      }
    }
  }

  @Test
  void a_wide_resnet_of_published_size_of_images() throws Exception {
    try (EnergyModel model = Images.model(WideResNet.of(16, 2), ImageShape.CIFAR)) {
      assertSame(model, Images.of(ImageShape.CIFAR, 2, 1));
    }
  }

  @Test
  void convolutional_networks() throws Exception {
    ImageShape oblong = new ImageShape(1, 12, 8);
    try (EnergyModel model = Images.model(ConvNet.of(4, 6).withHidden(9), oblong)) {
      assertSame(model, Images.of(oblong, 4, 1));
      assertSameFeatures(model, Images.of(oblong, 4, 1));
    }
  }

  @Test
  void multilayer_perceptrons_of_images_and_of_tables() throws Exception {
    try (EnergyModel model = Images.model(Mlp.of(12, 5), Images.SMALL)) {
      assertSame(model, Images.of(Images.SMALL, 4, 1));
    }
    ImageShape table = ImageShape.ofFeatures(6);
    try (EnergyModel model = Images.model(Mlp.of(12, 5), table)) {
      INDArray rows = Images.of(table, 4, 1).reshape(4, 6);
      assertSame(model, rows);
      assertSameFeatures(model, rows);
    }
  }

  private static NeuralNetConfiguration.ListBuilder network() {
    return new NeuralNetConfiguration.Builder().seed(3).list();
  }

  private static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MCXENT)
        .nOut(3)
        .activation(Activation.SOFTMAX)
        .build();
  }

  /** Networks of Deeplearning4j's layers in settings that ours do not use. */
  private static Stream<NeuralNetConfiguration.ListBuilder> foreign() {
    return Stream.of(
        network()
            .layer(
                new ConvolutionLayer.Builder(3, 3)
                    .nOut(4)
                    .stride(2, 2)
                    .convolutionMode(ConvolutionMode.Same)
                    .activation(Activation.SWISH)
                    .build())
            .layer(new BatchNormalization.Builder().useLogStd(true).build())
            .layer(new ActivationLayer(Activation.TANH))
            .layer(
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG, new int[] {3, 3})
                    .stride(2, 2)
                    .convolutionMode(ConvolutionMode.Same)
                    .build())
            .layer(new DenseLayer.Builder().nOut(5).activation(Activation.SIGMOID).build())
            .layer(output()),
        network()
            .layer(
                new ConvolutionLayer.Builder(3, 2)
                    .nOut(4)
                    .padding(1, 1)
                    .dilation(2, 1)
                    .hasBias(false)
                    .activation(new ActivationLReLU(0.1))
                    .build())
            .layer(new BatchNormalization.Builder().lockGammaBeta(true).build())
            .layer(
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX, new int[] {2, 2})
                    .stride(2, 2)
                    .padding(1, 1)
                    .build())
            .layer(
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG, new int[] {2, 2})
                    .stride(1, 1)
                    .padding(1, 1)
                    .build())
            .layer(new GlobalPoolingLayer(PoolingType.MAX))
            .layer(new BatchNormalization())
            .layer(new DenseLayer.Builder().nOut(5).activation(Activation.RELU).build())
            .layer(output()),
        network()
            .layer(new ConvolutionLayer.Builder(3, 3).nOut(3).activation(Activation.RELU).build())
            .layer(new GlobalPoolingLayer(PoolingType.AVG))
            .layer(
                new LossLayer.Builder(LossFunction.MCXENT).activation(Activation.SOFTMAX).build()),
        // Depthwise convolution of one channel: one group, and weights in another order all the
        // same.
        network()
            .layer(new ConvolutionLayer.Builder(2, 2).nOut(1).activation(Activation.TANH).build())
            .layer(new DepthwiseConvolution2D.Builder(3, 3).depthMultiplier(4).build())
            .layer(output()),
        network()
            .layer(new ZeroPaddingLayer.Builder(2, 1).build())
            .layer(
                new DepthwiseConvolution2D.Builder(3, 3)
                    .depthMultiplier(2)
                    .activation(Activation.ELU)
                    .build())
            .layer(
                new SeparableConvolution2D.Builder(3, 3)
                    .nOut(4)
                    .depthMultiplier(2)
                    .activation(Activation.HARDSIGMOID)
                    .build())
            .layer(new LocalResponseNormalization.Builder().build())
            .layer(new PReLULayer.Builder().inputShape(4, 8, 6).build())
            .layer(new Upsampling2D.Builder(2).build())
            .layer(new Cropping2D(1, 2))
            .layer(
                new Deconvolution2D.Builder(3, 3)
                    .nOut(3)
                    .stride(2, 2)
                    .activation(Activation.SOFTPLUS)
                    .build())
            .layer(
                new Deconvolution2D.Builder(2, 2)
                    .nOut(2)
                    .stride(3, 3)
                    .convolutionMode(ConvolutionMode.Same)
                    .activation(Activation.MISH)
                    .build())
            .layer(new DenseLayer.Builder().nOut(5).activation(Activation.SELU).build())
            .layer(new DenseLayer.Builder().nOut(5).activation(Activation.CUBE).build())
            .layer(new DenseLayer.Builder().nOut(5).activation(Activation.RELU6).build())
            .layer(output()));
  }

  @ParameterizedTest
  @MethodSource("foreign")
  void networks_of_deeplearning4j_layers(NeuralNetConfiguration.ListBuilder configuration)
      throws Exception {
    MultiLayerNetwork network =
        new MultiLayerNetwork(configuration.setInputType(InputType.convolutional(8, 8, 3)).build());
    network.init();
    Images.move(network.params());
    try (EnergyModel model =
        EnergyModel.builder(network)
            .shape(Images.SMALL)
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      assertSame(model, Images.of(Images.SMALL, 3, 1));
    }
  }

  /** The file takes channels first all the same, and its dense layer is a convolution. */
  @Test
  void a_network_that_takes_images_with_channels_last() throws Exception {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            network()
                .layer(
                    new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.TANH).build())
                .layer(new DenseLayer.Builder().nOut(5).activation(Activation.TANH).build())
                .layer(output())
                .setInputType(InputType.convolutional(8, 8, 3, CNN2DFormat.NHWC))
                .build());
    network.init();
    Images.move(network.params());
    try (EnergyModel model =
        EnergyModel.builder(network)
            .shape(Images.SMALL)
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      assertSame(model, Images.of(Images.SMALL, 3, 1));
      assertSameFeatures(model, Images.of(Images.SMALL, 3, 1));
    }
  }

  @Test
  void a_network_whose_layers_have_the_names_of_our_tensors() throws Exception {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .graphBuilder()
                .addInputs("logits")
                .addLayer(
                    "features",
                    new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.TANH).build(),
                    "logits")
                .addLayer("images", new GlobalPoolingLayer(PoolingType.AVG), "features")
                .addLayer("out", output(), "images")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .build());
    graph.init();
    try (EnergyModel model = EnergyModel.builder(graph).shape(Images.SMALL).build()) {
      assertSame(model, Images.of(Images.SMALL, 3, 1));
    }
  }

  @Test
  void networks_whose_branches_meet() throws Exception {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .graphBuilder()
                .addInputs("in")
                .addLayer("a", convolution(), "in")
                .addLayer("b", convolution(), "in")
                .addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "a", "b")
                .addVertex("largest", new ElementWiseVertex(ElementWiseVertex.Op.Max), "a", "b")
                .addVertex(
                    "mean", new ElementWiseVertex(ElementWiseVertex.Op.Average), "a", "product")
                .addVertex("merged", new MergeVertex(), "mean", "largest", "b")
                .addVertex("unit", new L2NormalizeVertex(), "merged")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "unit")
                .addLayer("out", output(), "pool")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .build());
    graph.init();
    try (EnergyModel model = EnergyModel.builder(graph).shape(Images.SMALL).build()) {
      assertSame(model, Images.of(Images.SMALL, 3, 1));
    }
  }

  private static ConvolutionLayer convolution() {
    return new ConvolutionLayer.Builder(3, 3).nOut(4).activation(Activation.TANH).build();
  }

  @Test
  void says_its_operator_set_and_what_is_known_of_the_model() throws Exception {
    try (EnergyModel model =
        Images.model(ConvNet.of(4), Images.SMALL)
            .withCalibration(Calibration.temperature(2, 3))
            .withThreshold(new Threshold("px", -3.5, OptionalDouble.of(0.05), 100))) {
      Path file = folder.resolve("model.onnx");
      OnnxExporter.of(model)
          .withProvenance(Provenance.capture(model.engine()).with("git", "abc"))
          .write(file);
      ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(file));
      assertThat(proto.getOpsetImportList()).hasSize(1);
      assertThat(proto.getOpsetImport(0).getVersion()).isEqualTo(17);
      assertThat(proto.getIrVersion()).isEqualTo(8);
      assertThat(proto.getProducerName()).isEqualTo("udge");
      assertThat(proto.getGraph().getInput(0).getType().getTensorType().getShape().getDim(0))
          .matches(dimension -> dimension.getDimParam().equals("N"));
      Map<String, String> metadata =
          proto.getMetadataPropsList().stream()
              .collect(
                  Collectors.toMap(
                      StringStringEntryProto::getKey, StringStringEntryProto::getValue));
      assertThat(metadata)
          .containsEntry("udge.format", "1")
          .containsEntry("udge.class_names", "[\"cat\",\"dog\",\"ship\"]")
          .containsEntry("udge.image_shape", "[3,8,8]")
          .containsEntry("udge.pixel_range", "[-1.0,1.0]")
          .containsEntry(
              "udge.thresholds",
              "[{\"score\":\"px\",\"value\":-3.5,\"false_alarm_rate\":0.05,\"images\":100}]");
      assertThat(metadata.get("udge.calibration")).contains("\"scale\":[0.5,0.5,0.5]");
      assertThat(metadata.get("udge.preprocessing")).contains("\"shift\":-1.0");
      assertThat(metadata.get("udge.provenance")).contains("\"git\":\"abc\"");
    }
  }

  @Test
  void a_model_without_known_shape_is_refused() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            network()
                .layer(new ConvolutionLayer.Builder(3, 3).nIn(3).nOut(3).build())
                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(3)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    try (EnergyModel model = EnergyModel.builder(network).build()) {
      assertThatThrownBy(() -> export(model))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the shape of this model's images is not known");
      assertThat(folder.resolve("model.onnx")).doesNotExist();
    }
  }

  @Test
  void a_layer_that_cannot_be_told_is_named() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            network()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(3).build())
                .layer(new ActivationLayer(Activation.RATIONALTANH))
                .layer(output())
                .setInputType(InputType.convolutional(8, 8, 3))
                .build());
    network.init();
    try (EnergyModel model =
        EnergyModel.builder(network)
            .shape(Images.SMALL)
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      assertThatThrownBy(() -> export(model))
          .isInstanceOf(UnsupportedNetworkException.class)
          .hasMessageContaining("'1'");
    }
  }

  @Test
  void a_range_of_pixels_is_told_as_what_makes_bytes_pixels() throws Exception {
    try (EnergyModel model =
        EnergyModel.builder(ConvNet.of(4))
            .shape(Images.SMALL)
            .classNames(Images.CLASSES)
            .pixelRange(PixelRange.UNIT)
            .build()) {
      ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(export(model)));
      assertThat(proto.getGraph().getInput(0).getDocString())
          .isEqualTo("Pixels in [0.0, 1.0]: byte * 0.00392156862745098 + 0.0.");
      assertThat(List.of(proto.getMetadataPropsList().toString()).toString())
          .contains("udge.preprocessing");
    }
  }
}
