package org.udge.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.udge.data.ImageShape;
import org.udge.state.State;
import org.udge.training.StepReport;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Kryo cannot make records; what moves between processes tells it to use Java's serialization. */
class KryoTest {

  private final SerializerInstance kryo = new KryoSerializer(new SparkConf()).newInstance();

  private <T> T copy(T object, Class<T> type) {
    ClassTag<T> tag = ClassTag$.MODULE$.apply(type);
    return kryo.deserialize(kryo.serialize(object, tag), tag);
  }

  @Test
  void workers_survive() {
    State state = State.builder().put("steps", 3).put("memory", new float[] {1, 2}).build();
    StepReport step = new StepReport(3, 0, 1e-3, 2, Map.of("cross_entropy", 2.0), 8);
    WorkerRound round =
        WorkerRound.done(
            1,
            state,
            new WorkerRound.Outcome(
                new Place(1, "0", "here"), List.of(step), new float[] {5}, 1, null));
    WorkerRound copied = copy(round, WorkerRound.class);
    assertThat(copied.worker()).isEqualTo(1);
    assertThat(copied.state()).contains(state);
    WorkerRound.Outcome outcome = copy(copied.outcome(), WorkerRound.Outcome.class);
    assertThat(outcome.place()).isEqualTo(new Place(1, "0", "here"));
    assertThat(outcome.steps()).containsExactly(step);
    assertThat(outcome.parameters()).containsExactly(5);
    assertThat(outcome.failure()).isEmpty();
  }

  @Test
  void answers_pieces_and_images_survive() {
    Probe probe =
        new Probe(
            new Place(1, "0", "here"), "classes", 4, List.of("a"), new float[] {1}, "too few");
    assertThat(copy(probe, Probe.class).failure()).contains("too few");
    assertThat(copy(new ParameterMean.Piece(2, new float[] {3}), ParameterMean.Piece.class))
        .satisfies(piece -> assertThat(piece.values()).containsExactly(3));
    Example example = new Example(new float[] {1, 2}, 0);
    assertThat(copy(example, Example.class).pixels()).containsExactly(1, 2);
    ExampleShard shard =
        new ExampleShard(0, new ImageShape(1, 1, 2), List.of("a"), List.of(example));
    ExampleShard copied = copy(shard, ExampleShard.class);
    assertThat(copied.size()).isEqualTo(1);
    assertThat(copied.read(0, new float[2], 0)).isZero();
    assertThat(copied.shape()).isEqualTo(new ImageShape(1, 1, 2));
  }
}
