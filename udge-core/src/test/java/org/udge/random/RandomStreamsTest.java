package org.udge.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.udge.state.State;

class RandomStreamsTest {

  private final RandomStreams streams = RandomStreams.of(12);

  private static long[] draw(RandomStream stream) {
    return IntStream.range(0, 20).mapToLong(i -> stream.nextLong()).toArray();
  }

  @Test
  void same_name_and_counters_give_the_same_numbers() {
    assertThat(draw(streams.stream("a", 1, 2)))
        .isEqualTo(draw(RandomStreams.of(12).stream("a", 1, 2)));
  }

  @Test
  void other_seeds_names_counters_and_children_give_other_numbers() {
    Set<Long> first = new HashSet<>();
    for (RandomStream stream :
        new RandomStream[] {
          streams.stream("a"),
          streams.stream("b"),
          streams.stream("a", 0),
          streams.stream("a", 1),
          streams.stream("a", 0, 0),
          streams.child("a").stream("a"),
          RandomStreams.of(13).stream("a")
        }) {
      first.add(stream.nextLong());
    }
    assertThat(first).hasSize(7);
    assertThat(streams.seedFor("a")).isNotEqualTo(streams.seedFor("b"));
  }

  @Test
  void a_restored_stream_goes_on_where_it_was() {
    RandomStream stream = streams.stream("a");
    stream.nextBoolean();
    stream.nextGaussian();
    State state = stream.captureState();
    double[] expected = {stream.nextGaussian(), stream.nextFloat(), stream.nextInt(1000)};
    RandomStream other = streams.stream("b");
    other.restoreState(state);
    assertThat(new double[] {other.nextGaussian(), other.nextFloat(), other.nextInt(1000)})
        .isEqualTo(expected);
  }

  @Test
  void permutations_hold_every_number_once_and_every_order_is_likely() {
    int[] counts = new int[3];
    RandomStream stream = streams.stream("p");
    for (int i = 0; i < 3000; i++) {
      int[] order = stream.permutation(3);
      counts[order[0]]++;
      Arrays.sort(order);
      assertThat(order).containsExactly(0, 1, 2);
    }
    assertThat(Arrays.stream(counts).boxed()).allMatch(count -> count > 900 && count < 1100);
  }

  @Test
  void noise_has_the_deviation_asked_for() {
    float[] values = new float[100_000];
    streams.stream("n").addGaussian(values, 0.5);
    double mean = IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElse(9);
    double square = IntStream.range(0, values.length).mapToDouble(i -> values[i] * values[i]).sum();
    assertThat(mean).isCloseTo(0, within(0.01));
    assertThat(Math.sqrt(square / values.length)).isCloseTo(0.5, within(0.01));
  }

  @Test
  void refuses_bad_arguments_and_states() {
    RandomStream stream = streams.stream("a");
    assertThatThrownBy(() -> stream.addGaussian(new float[1], -1))
        .hasMessage("deviation must not be negative, was -1.0");
    assertThatThrownBy(() -> stream.fillUniform(new float[1], 2, 1))
        .hasMessageContaining("ascending");
    assertThatThrownBy(() -> stream.permutation(-1)).hasMessageContaining("was -1");
    assertThatThrownBy(() -> stream.restoreState(State.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("generator");
  }
}
