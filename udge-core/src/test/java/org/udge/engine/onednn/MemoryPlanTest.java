package org.udge.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.bytedeco.dnnl.memory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.engine.onednn.Step.Phase;

/** Tensors get places such that nothing that is still to be read is overwritten. */
class MemoryPlanTest {

  private static final int UNIT = 64;
  private static final Set<Phase> FORWARD = Set.of(Phase.FORWARD);
  private static final Set<Phase> BOTH = Set.of(Phase.INPUT_GRADIENT, Phase.PARAMETER_GRADIENT);
  private static final Set<Phase> PARAMETERS = Set.of(Phase.PARAMETER_GRADIENT);
  private static final Set<Phase> REST = Set.of(Phase.INPUT_GRADIENT, Phase.INPUT_GRADIENT_REST);

  /** A tensor of a number of bytes, divisible by 4. */
  private static Buffer tensor(String name, long bytes) {
    return new Buffer(
        name, PlanContext.vector(bytes / Float.BYTES), Buffer.Place.ARENA, -UNIT /* nowhere yet */);
  }

  private static Step step(Set<Phase> phases, Buffer... buffers) {
    return new Step.Host("step", phases, List.of(buffers), arena -> {});
  }

  @Test
  void tensors_that_are_never_alive_together_share_a_place() {
    Buffer a = tensor("a", 4 * UNIT);
    Buffer b = tensor("b", 2 * UNIT);
    Buffer c = tensor("c", 4 * UNIT);
    Buffer d = tensor("d", 2 * UNIT);
    long bytes =
        MemoryPlan.place(List.of(step(FORWARD, a, b), step(FORWARD, b, c), step(FORWARD, c, d)));
    assertThat(bytes).isEqualTo(6 * UNIT);
    assertThat(c.offset()).isEqualTo(a.offset());
    assertThat(d.offset()).isEqualTo(b.offset());
  }

  @Test
  void a_tensor_fills_the_lowest_gap_that_is_large_enough() {
    Buffer wide = tensor("wide", 4 * UNIT);
    Buffer narrow = tensor("narrow", 2 * UNIT);
    Buffer first = tensor("first", UNIT);
    Buffer second = tensor("second", UNIT);
    MemoryPlan.place(
        List.of(
            step(FORWARD, wide, narrow),
            step(FORWARD, narrow, first),
            step(FORWARD, first, narrow, second)));
    assertThat(wide.offset()).isZero();
    assertThat(narrow.offset()).isEqualTo(4 * UNIT);
    assertThat(first.offset()).isZero();
    assertThat(second.offset()).isEqualTo(UNIT);
  }

  @Test
  void what_the_way_back_needs_lives_to_the_end_as_one_may_go_back_again() {
    Buffer kept = tensor("kept", UNIT);
    Buffer passing = tensor("passing", UNIT);
    Buffer gradient = tensor("gradient", UNIT);
    Buffer last = tensor("last", UNIT);
    MemoryPlan.place(
        List.of(
            step(FORWARD, kept),
            step(FORWARD, kept, passing),
            step(BOTH, kept, gradient),
            step(BOTH, gradient, last)));
    assertThat(last.offset()).isNotEqualTo(kept.offset());
    assertThat(gradient.offset()).isEqualTo(passing.offset());
  }

  @Test
  void what_the_rest_of_the_input_gradient_needs_lives_to_the_end_as_the_rest_may_run_again() {
    Buffer gradient = tensor("gradient", UNIT);
    Buffer reordered = tensor("reordered", UNIT);
    Buffer result = tensor("result", UNIT);
    MemoryPlan.place(
        List.of(
            step(BOTH, gradient), step(REST, gradient, reordered), step(REST, reordered, result)));
    assertThat(result.offset()).isNotEqualTo(gradient.offset());
  }

  @Test
  void views_share_the_place_of_their_tensor() {
    Buffer whole = tensor("whole", UNIT);
    Buffer view = whole.view(PlanContext.plain(4, 4));
    Buffer between = tensor("between", UNIT);
    long bytes =
        MemoryPlan.place(
            List.of(step(FORWARD, whole), step(FORWARD, between), step(FORWARD, view)));
    assertThat(view.offset()).isEqualTo(whole.offset());
    assertThat(between.offset()).as("the view keeps the tensor alive").isNotEqualTo(whole.offset());
    assertThat(bytes).isEqualTo(2 * UNIT);
  }

  @Test
  void tensors_elsewhere_take_no_place() {
    memory.desc layout = PlanContext.vector(16);
    Buffer weights = new Buffer("weights", layout, Buffer.Place.PARAMETERS, 12);
    Buffer logits = new Buffer("logits", layout, Buffer.Place.LOGITS, 0);
    assertThat(MemoryPlan.place(List.of(step(FORWARD, weights, logits)))).isZero();
    assertThat(weights.offset()).isEqualTo(12);
  }

  /**
   * Random programs are run on a memory whose every cell knows which tensor it was written for, in
   * many orders of phases: whatever is read must be what was written for that tensor.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void nothing_is_overwritten_before_it_is_read_in_any_order_of_phases(long seed) {
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    for (int program = 0; program < 100; program++) {
      List<Move> moves = randomProgram(random);
      long bytes = MemoryPlan.place(moves.stream().map(Move::step).toList());
      for (Move move : moves) {
        for (Buffer buffer : move.step().buffers()) {
          assertThat(buffer.offset()).isBetween(0L, bytes - buffer.bytes());
          assertThat(buffer.offset() % UNIT).isZero();
        }
      }
      Cells cells = new Cells((int) (bytes / UNIT));
      for (int pass = 0; pass < 3; pass++) {
        cells.run(moves, Phase.FORWARD);
        boolean wentBack = false;
        for (int i = 0; i < 5; i++) {
          Phase phase =
              wentBack && random.nextBoolean()
                  ? Phase.INPUT_GRADIENT_REST
                  : random.nextBoolean() ? Phase.INPUT_GRADIENT : Phase.PARAMETER_GRADIENT;
          cells.run(moves, phase);
          wentBack = true;
        }
      }
    }
  }

  @Test
  void random_programs_need_less_memory_than_all_tensors_together() {
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(9);
    double places = 0;
    double tensors = 0;
    for (int program = 0; program < 100; program++) {
      List<Move> moves = randomProgram(random);
      places += MemoryPlan.place(moves.stream().map(Move::step).toList());
      tensors +=
          moves.stream()
              .flatMap(move -> move.step().buffers().stream())
              .distinct()
              .mapToLong(Buffer::bytes)
              .sum();
    }
    assertThat(places / tensors).isLessThan(0.8);
  }

  /** A step that reads tensors and then writes one, perhaps one of those read. */
  private record Move(Set<Phase> phases, List<Buffer> reads, Buffer write) {
    Step step() {
      List<Buffer> all = new ArrayList<>(reads);
      all.add(write);
      return MemoryPlanTest.step(phases, all.toArray(Buffer[]::new));
    }
  }

  /** Forward, then backward, then rest; every step reads what steps of all its phases wrote. */
  private static List<Move> randomProgram(UniformRandomProvider random) {
    List<Move> moves = new ArrayList<>();
    Map<Buffer, Set<Phase>> written = new HashMap<>();
    int forward = 1 + random.nextInt(12);
    int backward = 1 + random.nextInt(12);
    int rest = random.nextInt(4);
    for (int i = 0; i < forward + backward + rest; i++) {
      Set<Phase> phases =
          i < forward
              ? FORWARD
              : i < forward + backward ? (random.nextInt(3) == 0 ? PARAMETERS : BOTH) : REST;
      moves.add(randomMove(random, moves.size(), phases, written));
    }
    return moves;
  }

  private static Move randomMove(
      UniformRandomProvider random, int index, Set<Phase> phases, Map<Buffer, Set<Phase>> written) {
    List<Buffer> readable =
        new ArrayList<>(
            written.keySet().stream()
                .filter(buffer -> canRead(phases, written.get(buffer)))
                .sorted((a, b) -> a.name().compareTo(b.name()))
                .toList());
    List<Buffer> reads = new ArrayList<>();
    while (!readable.isEmpty() && reads.size() < 3 && random.nextInt(4) > 0) {
      // Mostly what was written lately.
      int back = Math.min(random.nextInt(readable.size()), random.nextInt(readable.size()));
      reads.add(readable.remove(readable.size() - 1 - back));
    }
    Buffer write;
    if (!reads.isEmpty() && phases.equals(written.get(reads.get(0))) && random.nextInt(4) == 0) {
      write = reads.get(0);
    } else {
      write = tensor(String.format("t%02d", index), UNIT / 2L * (1 + random.nextInt(16)));
      written.put(write, phases);
    }
    return new Move(phases, reads, write);
  }

  private static boolean canRead(Set<Phase> reader, Set<Phase> writer) {
    return writer.equals(FORWARD)
        || writer.equals(reader)
        || (writer.equals(BOTH) && !reader.equals(FORWARD));
  }

  /** Memory of which only the owners of its cells of 64 bytes are known. */
  private static final class Cells {
    private final Buffer[] owners;

    Cells(int count) {
      owners = new Buffer[count];
    }

    void run(List<Move> moves, Phase phase) {
      for (Move move : moves) {
        if (move.phases().contains(phase)) {
          for (Buffer read : move.reads()) {
            boolean intact =
                Arrays.stream(owners, first(read), end(read)).allMatch(owner -> owner == read);
            assertThat(intact).as("%s at %s in %s", read.name(), read.offset(), phase).isTrue();
          }
          Arrays.fill(owners, first(move.write()), end(move.write()), move.write());
        }
      }
    }

    private static int first(Buffer buffer) {
      return (int) (buffer.offset() / UNIT);
    }

    private static int end(Buffer buffer) {
      return (int) ((buffer.offset() + buffer.bytes() + UNIT - 1) / UNIT);
    }
  }
}
