package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import org.udge.data.Batch;
import org.udge.network.ActNormalization;
import org.udge.spark.internal.ClassFingerprint;

/**
 * A worker's report before the first round, so that differences are detected before training
 * starts.
 *
 * @param classes identifies the classes of this library that it runs
 * @param parameters those after activation normalization has seen the worker's first batch; empty
 *     if it had nothing to do
 * @param failed the reason why the worker cannot take part
 */
@DefaultSerializer(JavaSerializer.class)
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record Probe(
    Place place,
    String classes,
    int batchesPerEpoch,
    List<String> classNames,
    float[] parameters,
    @Nullable String failed)
    implements Serializable {

  Optional<String> failure() {
    return Optional.ofNullable(failed);
  }

  static Probe of(
      WorkerSetup setup,
      Broadcast<float[]> parameters,
      WorkerRound before,
      @Nullable ExampleShard shard) {
    Place place = Place.of(before.worker());
    String classes = ClassFingerprint.ofThisProcess();
    try (WorkerSlot slot = WorkerSlot.take(setup, before.worker(), shard)) {
      FlatParameters.set(slot.model(), parameters.value());
      float[] initialized = new float[0];
      if (before.worker() == 0 && !ActNormalization.isInitialized(slot.model().graph())) {
        try (Batch first = slot.data().batch(0, 0)) {
          ActNormalization.initialize(slot.model().graph(), first.images());
        }
        initialized = FlatParameters.copy(slot.model());
      }
      checkArgument(
          slot.data().shape().equals(slot.model().shape()),
          "its images are %s, the model expects %s",
          slot.data().shape(),
          slot.model().shape());
      return new Probe(
          place,
          classes,
          slot.data().batchesPerEpoch(),
          List.copyOf(slot.data().classNames()),
          initialized,
          null);
    } catch (IllegalArgumentException | IllegalStateException e) {
      return new Probe(place, classes, 0, List.of(), new float[0], String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      throw SparkTrainingException.of(place, e);
    }
  }
}
