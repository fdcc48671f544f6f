package org.udge.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;
import org.udge.state.State;
import org.udge.state.StateFiles;

class ReplayBufferTest {

  private static final ImageShape SHAPE = new ImageShape(1, 2, 3);

  private static INDArray chains(int count) {
    return Nd4j.zeros(DataType.FLOAT, SHAPE.batch(count));
  }

  /** Images whose pixels are all 10 + their index. */
  private static INDArray numbered(int count) {
    INDArray images = chains(count);
    for (int i = 0; i < count; i++) {
      images.slice(i).assign(10 + i);
    }
    return images;
  }

  private static RandomStream random(String name) {
    return RandomStreams.of(11).stream(name);
  }

  private static ReplayBuffer buffer(Replay settings) {
    return ReplayBuffer.of(settings, SHAPE, 4);
  }

  private static ReplayBuffer full(Replay settings) {
    ReplayBuffer buffer = buffer(settings);
    buffer.fill(numbered(settings.size()));
    return buffer;
  }

  @Test
  void copies_of_settings_keep_all_other_settings() {
    Replay all =
        Replay.ofSize(7)
            .withReinitialization(0.5)
            .withStart(new UniformImages(0, 1))
            .withReplacement(true);
    Replay inOtherOrder =
        Replay.ofDefaults()
            .withReplacement(true)
            .withStart(new UniformImages(0, 1))
            .withReinitialization(0.5)
            .withSize(7);
    assertThat(all).isEqualTo(inOtherOrder).hasSameHashCodeAs(inOtherOrder);
    assertThat(all)
        .hasToString(
            "Replay[size=7, reinitialization=0.5, start=UniformImages[low=0.0, high=1.0],"
                + " replacement=true]");
    assertThat(all).isNotEqualTo(all.withSize(8)).isNotEqualTo(all.withReplacement(false));
  }

  @Test
  void chains_from_empty_slots_start_anew() {
    INDArray chains = chains(20);
    ReplayBuffer.Draw draw =
        buffer(Replay.ofSize(40).withReinitialization(0)).draw(chains, random("d"));
    assertThat(draw.started()).isEqualTo(20);
    assertThat(chains.minNumber().doubleValue()).isBetween(-1.0, -0.8);
    assertThat(chains.maxNumber().doubleValue()).isBetween(0.8, 1.0);
  }

  @Test
  void chains_go_on_from_where_they_were_stored() {
    ReplayBuffer buffer = full(Replay.ofSize(8).withReinitialization(0));
    INDArray chains = chains(5);
    ReplayBuffer.Draw draw = buffer.draw(chains, random("d"));
    assertThat(draw.started()).isZero();
    for (int i = 0; i < 5; i++) {
      assertThat(chains.getFloat(i, 0, 1, 2)).isEqualTo(10 + draw.slots()[i]);
    }
    buffer.store(draw.slots(), chains.addi(100));
    for (int i = 0; i < 5; i++) {
      assertThat(buffer.images(draw.slots()[i]).getFloat(0, 0, 0, 0))
          .isEqualTo(110 + draw.slots()[i]);
    }
    assertThat(IntStream.range(0, 8).filter(s -> buffer.images(s).getFloat(0) < 100)).hasSize(3);
  }

  @Test
  void chains_of_one_draw_are_distinct() {
    ReplayBuffer.Draw draw = full(Replay.ofSize(50)).draw(chains(50), random("d"));
    assertThat(Arrays.stream(draw.slots()).distinct()).hasSize(50);
  }

  @Test
  void with_replacement_chains_may_coincide_and_the_last_stored_wins() {
    ReplayBuffer buffer = full(Replay.ofSize(3).withReplacement(true).withReinitialization(0));
    ReplayBuffer.Draw draw = buffer.draw(chains(30), random("d"));
    assertThat(Arrays.stream(draw.slots()).distinct()).hasSize(3);
    buffer.store(draw.slots(), numbered(30));
    int slot = draw.slots()[29];
    assertThat(buffer.images(slot).getFloat(0)).isEqualTo(39);
  }

  @Test
  void every_slot_is_equally_likely() {
    ReplayBuffer buffer = full(Replay.ofSize(10));
    RandomStream random = random("uniform");
    int[] counts = new int[10];
    for (int k = 0; k < 5_000; k++) {
      for (int slot : buffer.draw(chains(3), random).slots()) {
        counts[slot]++;
      }
    }
    for (int count : counts) {
      assertThat(count).isCloseTo(1_500, within(165));
    }
  }

  @Test
  void reinitializes_as_often_as_asked() {
    ReplayBuffer buffer = full(Replay.ofSize(100).withReinitialization(0.05));
    RandomStream random = random("reinitialize");
    int started = 0;
    for (int k = 0; k < 200; k++) {
      started += buffer.draw(chains(100), random).started();
    }
    assertThat(started / 20_000.0).isCloseTo(0.05, within(0.0078));
  }

  @Test
  void conditional_chains_come_from_the_slots_of_their_class() {
    ReplayBuffer buffer = full(Replay.ofSize(18).withReinitialization(0));
    int[] labels = {3, 0, 3, 1, 3, 3};
    ReplayBuffer.Draw draw = buffer.draw(chains(6), labels, random("classes"));
    for (int i = 0; i < labels.length; i++) {
      assertThat(draw.slots()[i] / 4).as("18 slots are 4 per class").isEqualTo(labels[i]);
    }
    assertThat(Arrays.stream(draw.slots()).distinct()).hasSize(6);
    assertThat(buffer.filled(2)).containsExactly(8, 9, 10, 11);
  }

  @Test
  void new_chains_start_where_asked_with_their_label() {
    InitialDistribution constant =
        (shape, label, random) -> {
          float[] pixels = new float[shape.size()];
          Arrays.fill(pixels, label);
          return pixels;
        };
    INDArray chains = chains(3);
    buffer(Replay.ofSize(12).withStart(constant))
        .draw(chains, new int[] {2, 0, 3}, random("start"));
    assertThat(chains.getFloat(0, 0, 1, 1)).isEqualTo(2);
    assertThat(chains.getFloat(1, 0, 1, 1)).isZero();
    assertThat(chains.getFloat(2, 0, 1, 1)).isEqualTo(3);
  }

  @Test
  void a_restored_buffer_behaves_as_before_and_a_state_never_changes() {
    ReplayBuffer buffer = buffer(Replay.ofSize(16));
    buffer.store(new int[] {1, 5, 6}, numbered(3));
    State state = buffer.captureState();
    INDArray expected = chains(8);
    buffer.draw(expected, random("resume"));

    buffer.fill(numbered(16).addi(500));
    buffer.restoreState(state);
    assertThat(buffer.filled()).containsExactly(1, 5, 6);
    INDArray again = chains(8);
    buffer.draw(again, random("resume"));
    assertThat(again).isEqualTo(expected);

    ReplayBuffer other = buffer(Replay.ofSize(16));
    other.restoreState(state);
    INDArray elsewhere = chains(8);
    other.draw(elsewhere, random("resume"));
    assertThat(elsewhere).isEqualTo(expected);
  }

  @Test
  void states_share_images_instead_of_copying_them() {
    ReplayBuffer buffer = full(Replay.ofSize(16));
    State first = buffer.captureState();
    buffer.store(new int[] {2}, numbered(1));
    State second = buffer.captureState();
    for (int i = 0; i < 16; i++) {
      boolean same = first.getRows("images")[i] == second.getRows("images")[i];
      assertThat(same).as("slot %s", i).isEqualTo(i != 2);
    }
  }

  @Test
  void survives_a_file(@TempDir Path folder) throws IOException {
    ReplayBuffer buffer = buffer(Replay.ofSize(16));
    buffer.store(new int[] {1, 5, 6}, numbered(3));
    StateFiles.write(buffer.captureState(), folder.resolve("buffer.zip"));
    State read = StateFiles.read(folder.resolve("buffer.zip"));
    assertThat(read).isEqualTo(buffer.captureState());
    ReplayBuffer copy = ReplayBuffer.fromState(read);
    assertThat(copy.size()).isEqualTo(16);
    assertThat(copy.images(1, 5, 6)).isEqualTo(numbered(3));
  }

  @Test
  void refuses_a_state_of_another_form() {
    State state = buffer(Replay.ofSize(16)).captureState();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> buffer(Replay.ofSize(8)).restoreState(state))
        .withMessageContaining("'sizes'")
        .withMessageContaining("[16, 4, 1, 2, 3], expected [8, 4, 1, 2, 3]");
  }

  @Test
  void refuses_more_distinct_chains_than_slots() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> full(Replay.ofSize(4)).draw(chains(5), random("many")))
        .withMessage(
            "a draw of 5 chains needs as many slots, but the buffer has 4: raise the replay"
                + " buffer's size, or draw with replacement");
  }

  @Test
  void a_class_with_too_few_slots_is_drawn_once_through_then_again() {
    ReplayBuffer buffer = full(Replay.ofSize(8).withReinitialization(0));
    int[] labels = {1, 0, 1, 1, 1, 1};
    ReplayBuffer.Draw draw = buffer.draw(chains(6), labels, random("many"));
    int[] slots = draw.slots();
    assertThat(new int[] {slots[0], slots[2]}).containsExactlyInAnyOrder(2, 3);
    assertThat(new int[] {slots[3], slots[4]}).containsExactlyInAnyOrder(2, 3);
    assertThat(slots[5]).isBetween(2, 3);
    assertThat(slots[1]).isBetween(0, 1);
    buffer.store(slots, numbered(6).addi(100));
    assertThat(buffer.images(slots[5]).getFloat(0)).as("the last stored wins").isEqualTo(115);
  }

  @Test
  void draws_of_a_class_with_too_few_slots_begin_as_those_of_fewer_chains() {
    ReplayBuffer buffer = full(Replay.ofSize(16).withReinitialization(0));
    int[] enough = {2, 2, 2, 2};
    int[] more = {2, 2, 2, 2, 2, 2};
    int[] first = buffer.draw(chains(4), enough, random("same")).slots();
    int[] longer = buffer.draw(chains(6), more, random("same")).slots();
    assertThat(Arrays.copyOf(longer, 4)).isEqualTo(first);
    assertThat(Arrays.stream(first).distinct()).hasSize(4);
  }

  @Test
  void refuses_classes_without_slots() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> full(Replay.ofSize(3)).draw(chains(1), new int[] {1}, random("none")))
        .withMessage(
            "a replay buffer of 3 has no slot for each of 4 classes: raise its size to at least"
                + " 4");
  }

  @Test
  void refuses_a_label_out_of_range() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> full(Replay.ofSize(8)).draw(chains(1), new int[] {4}, random("label")))
        .withMessage("label 4 is out of range, there are 4 classes");
  }

  @Test
  void refuses_another_number_of_labels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> full(Replay.ofSize(8)).draw(chains(2), new int[] {1}, random("label")))
        .withMessage("there must be a label for each chain: 2 chains, 1 labels");
  }

  @Test
  void refuses_images_of_another_shape() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> buffer(Replay.ofSize(8)).fill(Nd4j.zeros(DataType.FLOAT, 1, 1, 3, 3)))
        .withMessage("images must be float32 [N, 1, 2, 3], were FLOAT [1, 1, 3, 3]");
  }

  @Test
  void refuses_too_many_images() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> buffer(Replay.ofSize(8)).fill(chains(9)))
        .withMessage("9 images do not fit into a replay buffer of 8");
  }

  @Test
  void refuses_another_number_of_slots() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> buffer(Replay.ofSize(8)).store(new int[] {1}, chains(2)))
        .withMessage("there must be a slot for each chain: 2 chains, 1 slots");
  }

  @Test
  void refuses_a_slot_out_of_range() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> buffer(Replay.ofSize(8)).store(new int[] {8}, chains(1)))
        .withMessageContaining("slot (8)");
  }

  @Test
  void refuses_to_show_an_empty_slot() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> buffer(Replay.ofSize(8)).images(2))
        .withMessage("slot 2 holds no image");
  }

  @Test
  void refuses_bad_settings() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Replay.ofSize(0))
        .withMessage("replay buffer size must be at least 1, was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Replay.ofDefaults().withReinitialization(1.5))
        .withMessage("reinitialization probability must be in [0, 1], was 1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UniformImages(1, 1))
        .withMessage("bounds must be finite and ascending, were 1.0 and 1.0");
  }
}
