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
 * What a worker must know of a run; travels with each task.
 *
 * @param run a name that no other run has
 * @param model a model file's bytes
 * @param allowed classes of one's own that it may name
 * @param shards absent where shards are partitions
 * @param threads of the engine; 0: as many as Spark gives a task
 * @param classes of this library on the driver
 * @param engineName which engine these settings choose on the driver
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

  /** The root of everything random on a worker: that of worker 0 is the run's own. */
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
