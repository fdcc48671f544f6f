package org.udge.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.network.ConvNet;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class ImageSamplerTest {

  private static final ImageShape SHAPE = new ImageShape(1, 4, 4);
  private static final Langevin MOVES = Langevin.ofSteps(5).withStepSize(0.1);
  private static final EnergyModel MODEL =
      EnergyModel.builder(ConvNet.of(4)).shape(SHAPE).classes(3).build();
  private static final ImageSampler SAMPLER = ImageSampler.of(MODEL, MOVES);

  @AfterAll
  static void close() {
    MODEL.close();
  }

  private static RandomStream random() {
    return RandomStreams.of(3).stream("samples");
  }

  private static float[] pixels(INDArray images) {
    return images.data().getFloatsAt(0, (int) images.length());
  }

  /** Slots 0 to 2 are of class 0, 3 to 5 of class 1, and so on. */
  private static ReplayBuffer buffer(int filled) {
    ReplayBuffer buffer = ReplayBuffer.of(Replay.ofSize(9), SHAPE, 3);
    buffer.fill(SAMPLER.draw(RandomStreams.of(4).stream("chains"), filled).images());
    return buffer;
  }

  @Test
  void samples_of_classes_are_chains_from_the_start_down_their_energies() {
    RandomStream byHand = random();
    float[][] starts = new float[3][];
    for (int i = 0; i < 3; i++) {
      starts[i] = UniformImages.ofDefaults().draw(SHAPE, i, byHand);
    }
    INDArray expected = Nd4j.create(starts).reshape(SHAPE.batch(3));
    LangevinSampler.of(MODEL.engine(), MOVES)
        .run(expected, EnergyGradient.conditional(0, 1, 2), NoiseSource.of(byHand));
    Batch samples = SAMPLER.drawClasses(random(), 0, 1, 2);
    assertThat(pixels(samples.images())).containsExactly(pixels(expected));
    assertThat(samples.labels()).containsExactly(0, 1, 2);
  }

  @Test
  void samples_of_any_class_have_lower_energy_than_their_starts() {
    Langevin downhill = Langevin.ofSteps(40).withStepSize(0.1).withNoise(0);
    Batch samples = ImageSampler.of(MODEL, downhill).draw(random(), 6);
    Batch starts = ImageSampler.of(MODEL, downhill.withStepSize(1e-9)).draw(random(), 6);
    double[] before = MODEL.energy(starts.images());
    double[] after = MODEL.energy(samples.images());
    for (int i = 0; i < 6; i++) {
      assertThat(after[i]).isLessThan(before[i]);
    }
    assertThat(samples.labels()).containsOnly(Batch.UNLABELED);
  }

  @Test
  void chains_start_where_they_are_told_to() {
    ImageSampler near =
        SAMPLER.withStart((shape, label, random) -> constant(label == 2 ? 0.5f : -0.5f));
    Batch samples = near.drawClasses(random(), 2, 1);
    assertThat(samples.images().getFloat(0, 0, 0, 0)).isBetween(0.2f, 0.8f);
    assertThat(samples.images().getFloat(1, 0, 0, 0)).isBetween(-0.8f, -0.2f);
  }

  private static float[] constant(float value) {
    float[] image = new float[SHAPE.size()];
    Arrays.fill(image, value);
    return image;
  }

  @Test
  void continued_chains_go_on_from_the_buffer_and_back_into_it() {
    ReplayBuffer buffer = buffer(9);
    INDArray before = buffer.images(buffer.filled());
    Batch ends = SAMPLER.continueChains(buffer, random(), 9);
    INDArray after = buffer.images(buffer.filled());
    int[] order = random().permutation(9);
    for (int i = 0; i < 9; i++) {
      assertThat(after.slice(order[i])).isEqualTo(ends.images().slice(i));
      assertThat(after.slice(i).distance2(before.slice(i))).isBetween(1e-3, 3.0);
    }
  }

  @Test
  void continued_chains_of_a_class_come_from_its_slots() {
    ReplayBuffer buffer = buffer(9);
    INDArray before = buffer.images(buffer.filled());
    Batch ends = SAMPLER.continueClasses(buffer, random(), 1, 1, 2);
    assertThat(ends.labels()).containsExactly(1, 1, 2);
    INDArray after = buffer.images(buffer.filled());
    List<Integer> moved = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      if (!after.slice(i).equals(before.slice(i))) {
        moved.add(i / 3);
      }
    }
    assertThat(moved).containsExactly(1, 1, 2);
  }

  @Test
  void many_threads_draw_what_one_does() throws Exception {
    float[] alone = pixels(SAMPLER.drawClasses(random(), 0, 1, 2, 2).images());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<float[]>> tasks = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        tasks.add(() -> pixels(SAMPLER.drawClasses(random(), 0, 1, 2, 2).images()));
      }
      for (Future<float[]> result : threads.invokeAll(tasks)) {
        assertThat(result.get()).containsExactly(alone);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void refuses_classes_that_are_not_there() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SAMPLER.drawClasses(random(), 0, 3))
        .withMessage("labels must be 0 to 2, one was 3");
  }

  @Test
  void refuses_to_draw_nothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SAMPLER.draw(random(), 0))
        .withMessage("ask for at least one sample, asked for 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SAMPLER.drawClasses(random()))
        .withMessage("ask for at least one sample");
  }

  @Test
  void refuses_more_chains_than_a_buffer_holds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SAMPLER.continueChains(buffer(4), random(), 5))
        .withMessage("the replay buffer holds 4 chains, 5 were asked for");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SAMPLER.continueClasses(buffer(4), random(), 0, 1, 1))
        .withMessage("class 1 of the replay buffer holds 1 chains, 2 were asked for");
  }
}
