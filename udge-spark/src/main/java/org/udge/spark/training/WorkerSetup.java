package org.udge.spark.training;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Precision;
import org.udge.random.RandomStreams;
import org.udge.spark.internal.Executor;

/**
 * What a worker must know about a run; sent with each task.
 *
 * @param run a name that no other run has
 * @param model the bytes of a model file
 * @param allowed user-defined classes that it may name
 * @param shards absent if shards are partitions
 * @param threads threads of the engine; 0: as many as Spark gives a task
 * @param classes the classes of this library on the driver
 * @param engineName the engine that these settings choose on the driver
 */
record WorkerSetup(
    String run,
    Broadcast<byte[]> model,
    List<Class<?>> allowed,
    LocalTraining local,
    @Nullable ShardFactory shards,
    BatchMaker batches,
    int workers,
    long seed,
    long epochs,
    EngineChoice choice,
    Precision precision,
    int threads,
    String classes,
    String engineName)
    implements Serializable {

  /** The root of all randomness on a worker; that of worker 0 is the run's own. */
  static long seedOf(long seed, int worker) {
    return worker == 0 ? seed : RandomStreams.of(seed).seedFor("worker", worker);
  }

  long seedOf(int worker) {
    return seedOf(seed, worker);
  }

  Optional<ShardFactory> factory() {
    return Optional.ofNullable(shards);
  }

  EngineSettings engine() {
    return EngineSettings.of(choice)
        .withPrecision(precision)
        .withThreads(threads > 0 ? threads : Executor.threadsPerTask());
  }
}
