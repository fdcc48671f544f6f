package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.cache.RemovalListener;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.udge.EnergyModel;
import org.udge.data.TrainingData;
import org.udge.spark.internal.ClassFingerprint;
import org.udge.spark.internal.Differences;
import org.udge.spark.internal.Executor;
import org.udge.spark.internal.ModelBytes;
import org.udge.state.State;
import org.udge.training.RunState;

/**
 * A worker's model and data, kept open in an executor's process from round to round. Nothing that a
 * round's result depends on is kept: states and parameters come with each round.
 */
final class WorkerSlot implements AutoCloseable {

  private record Key(String run, int worker) {}

  /**
   * Slots that no task currently uses. Slots of runs that ended without closing them are removed
   * after some time.
   */
  private static final Cache<Key, WorkerSlot> IDLE =
      CacheBuilder.newBuilder()
          .expireAfterAccess(10, TimeUnit.MINUTES)
          .removalListener(
              (RemovalListener<Key, WorkerSlot>)
                  notification -> {
                    WorkerSlot slot = notification.getValue();
                    if (slot != null && !slot.taken) {
                      slot.model.close();
                    }
                  })
          .build();

  private final Key key;
  private final EnergyModel model;
  private final TrainingData data;
  private final State initial;
  private boolean taken = true;

  private WorkerSlot(Key key, EnergyModel model, TrainingData data, State initial) {
    this.key = key;
    this.model = model;
    this.data = data;
    this.initial = initial;
  }

  /** Borrows a worker's slot; closing returns it. */
  static WorkerSlot take(WorkerSetup setup, int worker, @Nullable ExampleShard shard)
      throws IOException {
    // Before anything of ND4J: nothing in an executor's process opens a worker another way.
    Executor.limitNativeMemory();
    Key key = new Key(setup.run(), worker);
    synchronized (IDLE) {
      WorkerSlot idle = IDLE.getIfPresent(key);
      if (idle != null) {
        idle.taken = true;
        IDLE.invalidate(key);
        return idle;
      }
    }
    return open(setup, key, shard);
  }

  /** Closes the idle slots of a run in this process. */
  static void closeAll(String run) {
    synchronized (IDLE) {
      IDLE.asMap().keySet().removeIf(key -> key.run.equals(run));
    }
  }

  private static WorkerSlot open(WorkerSetup setup, Key key, @Nullable ExampleShard shard)
      throws IOException {
    String classes = ClassFingerprint.ofThisProcess();
    checkState(
        classes.equals(setup.classes()), "%s", Differences.ofClasses(classes, setup.classes()));
    TrainingData data = data(setup, key.worker, Optional.ofNullable(shard));
    EnergyModel model = model(setup);
    String engine = model.engine().name();
    if (!engine.equals(setup.engineName())) {
      model.close();
      throw new IllegalStateException(Differences.ofEngines(engine, setup.engineName()));
    }
    State initial =
        RunState.of(
                setup
                    .local()
                    .settings(model)
                    .seed(setup.seedOf(key.worker))
                    .build()
                    .begin()
                    .captureState())
            .withoutParameters()
            .state();
    return new WorkerSlot(key, model, data, initial);
  }

  private static TrainingData data(WorkerSetup setup, int worker, Optional<ExampleShard> shard)
      throws IOException {
    TrainingData data;
    if (setup.factory().isPresent()) {
      data = setup.factory().get().open(worker, setup.workers());
    } else {
      ExampleShard images =
          shard.orElseThrow(() -> new IllegalArgumentException("there is no shard for it"));
      data = ImageShards.batches(images, setup, worker);
    }
    checkArgument(data.batchesPerEpoch() > 0, "its shard is empty");
    return data;
  }

  private static EnergyModel model(WorkerSetup setup) throws IOException {
    return ModelBytes.open(
        "sent by the driver",
        setup.model().value(),
        EnergyModel.loader()
            .engine(setup.engine())
            .allow(setup.allowed().toArray(new Class<?>[0])));
  }

  EnergyModel model() {
    return model;
  }

  TrainingData data() {
    return data;
  }

  /** The state of a run before its first step, without parameters. */
  State initial() {
    return initial;
  }

  @Override
  public void close() {
    synchronized (IDLE) {
      if (IDLE.getIfPresent(key) == null) {
        taken = false;
        IDLE.put(key, this);
        return;
      }
    }
    model.close();
  }
}
