package org.udge.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Weights of a 2 x 2 matrix, packed column by column. Whether a copy was renewed shows in its
 * numbers: parameters are changed here without a word, and copies must not notice.
 */
class PackedWeightsTest {

  // Closing the weights frees these too.
  private final memory.desc rows = PlanContext.plain(2, 2);
  private final memory.desc columns =
      new memory.desc(new long[] {2, 2}, memory.data_type.f32, memory.format_tag.cn);

  private final FloatPointer parameters = new FloatPointer(9f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f);
  private final PackedWeights weights = new PackedWeights(parameters.address());
  private final Buffer first = weights.packed("first", Float.BYTES, rows, columns);

  @AfterEach
  void free() {
    weights.close();
    parameters.close();
  }

  private float[] numbers(Buffer buffer) {
    float[] result = new float[4];
    new FloatPointer(weights.memory(buffer).get_data_handle()).get(result);
    return result;
  }

  @Test
  void packs_before_first_use() {
    weights.renew(List.of(first));
    assertThat(numbers(first)).containsExactly(1, 3, 2, 4);
    assertThat(first.place()).isEqualTo(Buffer.Place.PACKED);
    assertThat(first.hasLayout(columns)).isTrue();
  }

  @Test
  void packs_once_for_each_version_of_the_parameters() {
    weights.renew(List.of(first));
    parameters.put(2, 20);
    weights.renew(List.of(first));
    assertThat(numbers(first)).as("not packed again").containsExactly(1, 3, 2, 4);
    weights.parametersChanged(parameters.address());
    assertThat(numbers(first)).as("not packed until needed").containsExactly(1, 3, 2, 4);
    weights.renew(List.of(first));
    assertThat(numbers(first)).containsExactly(1, 3, 20, 4);
  }

  @Test
  void packs_only_what_is_asked_for() {
    Buffer second = weights.packed("second", 5 * Float.BYTES, rows, columns);
    weights.renew(List.of(first, second));
    assertThat(numbers(second)).containsExactly(5, 7, 6, 8);
    parameters.put(1, 10).put(5, 50);
    weights.parametersChanged(parameters.address());
    weights.renew(List.of(second));
    assertThat(numbers(second)).containsExactly(50, 7, 6, 8);
    assertThat(numbers(first)).as("stays old").containsExactly(1, 3, 2, 4);
    weights.renew(List.of(first));
    assertThat(numbers(first)).containsExactly(10, 3, 2, 4);
  }

  @Test
  void shares_a_copy_among_those_who_want_the_same() {
    assertThat(weights.packed("again", Float.BYTES, rows, columns)).isSameAs(first);
    assertThat(weights.packed("elsewhere", 5 * Float.BYTES, rows, columns)).isNotSameAs(first);
    memory.desc half = PlanContext.plain(memory.data_type.bf16, 2, 2);
    assertThat(weights.packed("other type", Float.BYTES, rows, half)).isNotSameAs(first);
  }

  @Test
  void follows_parameters_that_have_moved() {
    weights.renew(List.of(first));
    try (FloatPointer moved = new FloatPointer(0f, -1f, -2f, -3f, -4f)) {
      weights.parametersChanged(moved.address());
      weights.renew(List.of(first));
      assertThat(numbers(first)).containsExactly(-1, -3, -2, -4);
      moved.put(4, 44);
      weights.parametersChanged(moved.address());
      weights.renew(List.of(first));
      assertThat(numbers(first)).containsExactly(-1, -3, -2, 44);
    }
  }
}
