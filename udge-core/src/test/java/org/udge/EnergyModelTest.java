package org.udge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;
import org.udge.data.ImageCheck;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

class EnergyModelTest {

  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  private final EnergyModel model =
      EnergyModel.builder(WideResNet.of(10, 1))
          .shape(SHAPE)
          .classNames(List.of("cat", "dog", "bird"))
          .engine(EngineSettings.of(EngineChoice.GRAPH))
          .build();

  @AfterEach
  void close() {
    model.close();
  }

  private static INDArray images(int count) {
    float[] pixels = new float[count * SHAPE.size()];
    RandomStreams.of(3).stream("images").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(SHAPE.batch(count));
  }

  @Test
  void energies_follow_from_logits() {
    INDArray images = images(4);
    Logits logits = model.logits(images);
    double[] energy = model.energy(images);
    double[] jointEnergy = model.energy(images, 0, 1, 2, 1);
    double[] density = model.logDensity(images);
    for (int i = 0; i < 4; i++) {
      assertThat(energy[i]).isEqualTo(-logits.logSumExp(i));
      assertThat(density[i]).isEqualTo(logits.logSumExp(i));
    }
    assertThat(jointEnergy)
        .containsExactly(
            -logits.get(0, 0), -logits.get(1, 1), -logits.get(2, 2), -logits.get(3, 1));
  }

  @Test
  void gradients_agree_with_differences_of_energies() {
    INDArray images = images(2);
    checkGradient(images, model.energyGradient(images), () -> model.energy(images));
    checkGradient(images, model.energyGradient(images, 2, 0), () -> model.energy(images, 2, 0));
  }

  private static void checkGradient(INDArray images, INDArray gradient, Supplier<double[]> energy) {
    double norm = gradient.norm2Number().doubleValue();
    INDArray original = images.dup();
    double step = 1e-2;
    INDArray direction = gradient.div(norm).mul(step);
    images.assign(original.add(direction));
    double above = Arrays.stream(energy.get()).sum();
    images.assign(original.sub(direction));
    double below = Arrays.stream(energy.get()).sum();
    images.assign(original);
    assertThat((above - below) / (2 * step)).isCloseTo(norm, within(0.02 * norm));
  }

  @Test
  void cuts_large_inputs_into_pieces() {
    INDArray images = images(EnergyModel.LARGEST_PIECE + 3);
    double[] all = model.energy(images);
    INDArray gradients = model.energyGradient(images);
    int last = EnergyModel.LARGEST_PIECE + 2;
    INDArray one = images.slice(last).reshape(SHAPE.batch(1)).dup();
    assertThat(all).hasSize(last + 1);
    assertThat(model.energy(one)[0]).isCloseTo(all[last], within(1e-5));
    assertThat(gradients.slice(last).distance2(model.energyGradient(one).slice(0)))
        .isLessThan(1e-5);
  }

  @Test
  void predicts_classes_with_probabilities() {
    INDArray images = images(3);
    Predictions predictions = model.predict(images);
    Logits logits = model.logits(images);
    assertThat(predictions.size()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      assertThat(predictions.label(i)).isEqualTo(logits.argMax(i));
      assertThat(predictions.probabilities(i)).containsExactly(logits.probabilities(i));
      assertThat(predictions.confidence(i))
          .isCloseTo(logits.probabilities(i)[logits.argMax(i)], within(1e-12));
    }
  }

  @Test
  void calibration_changes_probabilities_but_not_energies() {
    INDArray images = images(2);
    EnergyModel calibrated = model.withCalibration(Calibration.temperature(1e6, 3));
    assertThat(calibrated.predict(images).probabilities(0))
        .containsExactly(new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, within(1e-5));
    assertThat(calibrated.energy(images)).isEqualTo(model.energy(images));
  }

  @Test
  void training_mode_takes_the_statistics_of_the_batch() {
    INDArray images = images(4);
    try (EnergyModel normalized =
        EnergyModel.builder(WideResNet.of(10, 1).withNorm(Norm.BATCH))
            .shape(SHAPE)
            .classes(3)
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      Logits before = normalized.logits(images);
      EnergyModel inTraining = normalized.inMode(Mode.TRAINING);
      assertThat(normalized.mode()).isEqualTo(Mode.EVALUATION);
      assertThat(inTraining.withCalibration(Calibration.temperature(2, 3)).mode())
          .isEqualTo(Mode.TRAINING);
      Logits logits = inTraining.logits(images);
      try (Pass pass = normalized.engine().forward(images, Mode.TRAINING)) {
        assertThat(logits).isEqualTo(Logits.of(pass.logits()));
      }
      assertThat(logits).isNotEqualTo(before);
      checkGradient(images, inTraining.energyGradient(images), () -> inTraining.energy(images));
      assertThat(normalized.logits(images)).isEqualTo(before);
    }
  }

  @Test
  void any_softmax_classifier_is_an_energy_model() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list(
                    new OutputLayer.Builder()
                        .nIn(5)
                        .nOut(4)
                        .activation(Activation.SOFTMAX)
                        .lossFunction(LossFunction.MCXENT)
                        .build())
                .build());
    network.init(Nd4j.rand(DataType.FLOAT, 1, 24), true);
    INDArray rows = Nd4j.rand(DataType.FLOAT, 3, 5);
    try (EnergyModel tabular = EnergyModel.of(network)) {
      assertThat(tabular.classCount()).isEqualTo(4);
      assertThat(tabular.classNames()).containsExactly("0", "1", "2", "3");
      assertThat(tabular.predict(rows).probabilities(1))
          .containsExactly(network.output(rows).getRow(1).toDoubleVector(), within(1e-6));
      assertThat(tabular.energyGradient(rows).shape()).containsExactly(3, 5);
    }
  }

  @Test
  void refuses_wrong_rank_channels_and_size() {
    assertThatThrownBy(() -> model.logits(Nd4j.zeros(DataType.FLOAT, 3, 8, 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("images must be [N, C, H, W], were [3, 8, 8]");
    assertThatThrownBy(() -> model.logits(Nd4j.zeros(DataType.FLOAT, 2, 1, 8, 8)))
        .hasMessage("images must have 3 channels, shape was [2, 1, 8, 8]");
    assertThatThrownBy(() -> model.logits(Nd4j.zeros(DataType.FLOAT, 2, 3, 8, 9)))
        .hasMessage("images must be 3x8x8, shape was [2, 3, 8, 9]");
  }

  @Test
  void refuses_pixels_that_are_not_numbers() {
    INDArray images = images(2);
    images.putScalar(SHAPE.size() + 5, Float.NaN);
    assertThatThrownBy(() -> model.energy(images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("images must be finite numbers, but image 1 has NaN at position 5");
  }

  @Test
  void refuses_infinite_pixels_and_whole_numbers() {
    INDArray images = images(2);
    images.putScalar(3, Float.POSITIVE_INFINITY);
    assertThatThrownBy(() -> model.predict(images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("images must be finite numbers, but image 0 has Infinity at position 3");
    assertThatThrownBy(() -> model.predict(Nd4j.zeros(DataType.UINT8, SHAPE.batch(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "images must be floating-point numbers, were UBYTE [1, 3, 8, 8]: scale them as the"
                + " training images were");
  }

  @Test
  void images_in_other_units_are_refused_where_that_was_asked_for() {
    INDArray bytes = images(2).addi(1).muli(127.5);
    assertThat(model.pixelRange()).contains(PixelRange.SIGNED);
    assertThat(model.predict(bytes).size()).isEqualTo(2);
    EnergyModel strict = model.refusingOutOfRange();
    assertThatThrownBy(() -> strict.predict(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "images must be in [-1.0, 1.0] as those the model was made for, but image 0 has ");
    // Noise may leave the range a little.
    assertThat(strict.predict(images(2).muli(1.4)).size()).isEqualTo(2);
    try (EnergyModel other =
        EnergyModel.builder(model.graph())
            .shape(SHAPE)
            .pixelRange(new PixelRange(0, 255))
            .refuseOutOfRange()
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      assertThat(other.predict(bytes).size()).isEqualTo(2);
      assertThatThrownBy(() -> other.predict(bytes.mul(-1))).hasMessageContaining("[0.0, 255.0]");
    }
    try (EnergyModel foreign =
        EnergyModel.builder(model.graph())
            .shape(SHAPE)
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      assertThat(foreign.refusingOutOfRange().predict(bytes).size()).isEqualTo(2);
    }
  }

  @Test
  void images_in_other_units_are_warned_of_once() {
    INDArray bytes = images(2).addi(1).muli(127.5);
    bytes.putScalar(0, 200);
    Logger logger = (Logger) LoggerFactory.getLogger(ImageCheck.class);
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    logger.addAppender(events);
    try {
      assertThat(model.predict(images(2).muli(1.4)).size()).isEqualTo(2);
      assertThat(events.list).as("a little out of range").isEmpty();
      for (int i = 0; i < 3; i++) {
        assertThat(model.predict(bytes).size()).isEqualTo(2);
        assertThat(model.logDensity(bytes)).hasSize(2);
      }
      // A view is the same model.
      assertThat(model.inMode(Mode.TRAINING).predict(bytes).size()).isEqualTo(2);
    } finally {
      logger.detachAppender(events);
    }
    assertThat(events.list).hasSize(1);
    assertThat(events.list.get(0).getLevel()).isEqualTo(Level.WARN);
    assertThat(events.list.get(0).getFormattedMessage())
        .isEqualTo(
            "images must be in [-1.0, 1.0] as those the model was made for, but image 0 has 200.0"
                + " at position 0; results may be meaningless (this warning appears once)");
  }

  @Test
  void reads_permuted_images_by_their_strides() {
    INDArray images = images(3);
    INDArray channelsLast = images.permute(0, 2, 3, 1).dup('c');
    INDArray permuted =
        Nd4j.create(
            channelsLast.data(), SHAPE.batch(3), channelsLast.permute(0, 3, 1, 2).stride(), 0, 'c');
    assertThat(model.logits(permuted)).isEqualTo(model.logits(images));
    assertThat(model.logits(channelsLast.permute(0, 3, 1, 2))).isEqualTo(model.logits(images));
  }

  @Test
  void views_leave_the_engine_open_and_end_with_the_model_they_are_of() {
    INDArray images = images(1);
    try (EnergyModel own =
        EnergyModel.builder(model.graph())
            .shape(SHAPE)
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      EnergyModel calibrated = own.withCalibration(Calibration.temperature(2, 3));
      EnergyModel inTraining = own.inMode(Mode.TRAINING);
      EnergyModel onOther = own.withEngine(own.engine());
      calibrated.close();
      inTraining.close();
      onOther.close();
      own.withThreshold(Threshold.of("px", 1)).close();
      own.refusingOutOfRange().close();
      assertThat(own.logits(images).rows()).isEqualTo(1);
      own.close();
      own.close();
      for (EnergyModel closed : List.of(own, calibrated, inTraining, onOther)) {
        assertThatThrownBy(() -> closed.predict(images))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("the engine is closed");
      }
    }
  }

  @Test
  void closing_while_other_threads_use_the_model_ends_them_with_an_exception() throws Exception {
    for (EngineChoice choice : List.of(EngineChoice.GRAPH, EngineChoice.AUTO)) {
      EnergyModel used =
          EnergyModel.builder(WideResNet.of(10, 1).withNorm(Norm.NONE))
              .shape(SHAPE)
              .classes(3)
              .engine(EngineSettings.of(choice))
              .build();
      INDArray images = images(4);
      Logits expected = used.logits(images);
      INDArray gradient = used.energyGradient(images);
      ExecutorService threads = Executors.newFixedThreadPool(3);
      CountDownLatch started = new CountDownLatch(6);
      List<Future<Throwable>> ends = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ends.add(
            threads.submit(
                () -> {
                  try {
                    while (true) {
                      assertThat(used.logits(images)).isEqualTo(expected);
                      assertThat(used.energyGradient(images)).isEqualTo(gradient);
                      started.countDown();
                    }
                  } catch (IllegalStateException e) {
                    return e;
                  }
                }));
      }
      assertThat(started.await(60, TimeUnit.SECONDS)).isTrue();
      used.close();
      for (Future<Throwable> end : ends) {
        assertThat(end.get(60, TimeUnit.SECONDS)).hasMessage("the engine is closed");
      }
      threads.shutdown();
    }
  }

  @Test
  void refuses_labels_out_of_range() {
    assertThatThrownBy(() -> model.energy(images(2), 0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("labels must be 0 to 2, one was 3");
    assertThatThrownBy(() -> model.energyGradient(images(2), 0))
        .hasMessage("there must be a label for each image: 2 images, 1 labels");
  }

  @Test
  void refuses_another_number_of_class_names() {
    assertThatThrownBy(() -> EnergyModel.builder(model.graph()).classes(5).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the network has 3 classes, but 5 were named");
  }

  @Test
  void wants_to_know_how_many_classes() {
    assertThatThrownBy(() -> EnergyModel.builder(WideResNet.of(10, 1)).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("classes(n)");
  }

  @Test
  void same_seed_same_parameters_and_the_callers_generator_is_left_alone() {
    Nd4j.getRandom().setSeed(42);
    INDArray expected = Nd4j.rand(3);
    Nd4j.getRandom().setSeed(42);
    try (EnergyModel one = EnergyModel.builder(WideResNet.of(10, 1)).classes(10).seed(5).build();
        EnergyModel two = EnergyModel.builder(WideResNet.of(10, 1)).classes(10).seed(5).build();
        EnergyModel other = EnergyModel.builder(WideResNet.of(10, 1)).classes(10).seed(6).build()) {
      assertThat(one.graph().params()).isEqualTo(two.graph().params());
      assertThat(one.graph().params()).isNotEqualTo(other.graph().params());
    }
    assertThat(Nd4j.rand(3)).isEqualTo(expected);
  }
}
