package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.EnergyModel;
import org.udge.Engines;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineSettings;
import org.udge.evaluation.Metric;
import org.udge.spark.internal.ClassFingerprint;
import org.udge.spark.internal.ModelBytes;
import org.udge.state.State;
import org.udge.training.DivergenceEvent;
import org.udge.training.DivergenceHistory;
import org.udge.training.EpochReport;
import org.udge.training.RunState;
import org.udge.training.StepMeans;
import org.udge.training.StepReport;
import org.udge.training.StopReason;
import org.udge.training.UntrainedParameters;
import scala.Tuple2;

/** A run of {@link SparkTraining}, on the driver. */
final class SparkRun {

  private static final Logger LOG = LoggerFactory.getLogger(SparkRun.class);
  private static final long LOG_EVERY_NANOS = 10_000_000_000L;

  /** The verdict on a worker's numbers. */
  private record Verdict(Place place, DivergenceEvent event) {}

  private final SparkTraining.Builder settings;
  private final JavaSparkContext spark;
  private final EnergyModel model;
  private final RoundFolder folder;
  private final BitSet untrained;
  private final WorkerSetup setup;
  private final Optional<JavaRDD<ExampleShard>> shards;

  private final List<WorkerStates.Lineage> lineages = new ArrayList<>();
  private final List<DivergenceEvent> events = new ArrayList<>();
  private Optional<Progress> lastGood = Optional.empty();
  private Optional<Progress> candidate = Optional.empty();
  private int stepsPerEpoch;
  private double secondsBefore;
  private long bytes;
  private long start = System.nanoTime();
  private long epochStart = start;
  private long logged = start;
  private boolean stopRequested;

  SparkRun(SparkTraining.Builder settings) {
    this.settings = settings;
    spark = settings.spark;
    model = settings.model;
    folder =
        new RoundFolder(
            settings.folder, new SerializableConfiguration(spark.hadoopConfiguration()));
    untrained = UntrainedParameters.of(model.graph());
    setup =
        new WorkerSetup(
            UUID.randomUUID().toString(),
            spark.broadcast(bytes(model)),
            settings.allowed,
            settings.local,
            settings
                .shards
                .or(
                    () ->
                        settings.images.map(
                            images ->
                                new ImageShards(
                                    images, settings.batches.orElseThrow(), settings.seed)))
                .orElse(null),
            settings.batches.orElse(BatchMaker.ofSize(1)),
            settings.workers,
            settings.seed,
            settings.epochs,
            settings.engine.choice(),
            settings.engine.precision(),
            settings.engine.threads().orElse(0),
            ClassFingerprint.ofThisProcess(),
            engineName(model, settings.engine));
    shards = settings.examples.map(this::deal);
  }

  /** Which engine the workers' settings choose here. */
  private static String engineName(EnergyModel model, EngineSettings settings) {
    try (Engine engine = Engines.create(model.graph(), settings)) {
      return engine.name();
    }
  }

  private static byte[] bytes(EnergyModel model) {
    try {
      return ModelBytes.of(model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SparkTrainingResult run() {
    folder.prepare();
    Optional<Long> newest = folder.newest();
    checkState(
        settings.resumes || newest.isEmpty(),
        "folder %s holds checkpoints up to round %s: resume(), or name another folder",
        folder,
        newest.orElse(0L));
    try {
      return train(newest);
    } catch (SparkTrainingException e) {
      throw e;
    } catch (Exception e) {
      // Spark's actions throw SparkException without declaring it.
      throw named(e);
    } finally {
      lineages.forEach(WorkerStates.Lineage::destroy);
      shards.ifPresent(set -> set.unpersist(false));
      setup.model().destroy();
      WorkerSlot.closeAll(setup.run());
    }
  }

  /** A failure of a job, with the name of the worker that failed. */
  private static RuntimeException named(Exception failure) {
    for (Throwable cause : Throwables.getCausalChain(failure)) {
      if (cause instanceof SparkTrainingException) {
        return new SparkTrainingException(String.valueOf(cause.getMessage()), failure);
      }
    }
    if (failure instanceof SparkException) {
      return new SparkTrainingException(
          "training failed on Spark: " + failure.getMessage(), failure);
    }
    return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
  }

  private SparkTrainingResult train(Optional<Long> newest) {
    float[] first = FlatParameters.copy(model);
    Probe[] probes = probe(first);
    stepsPerEpoch = probes[0].batchesPerEpoch();
    Progress progress =
        newest.isPresent()
            ? resumed(newest.get(), first.length)
            : begun(probes[0].parameters().length > 0 ? probes[0].parameters() : first);
    long wanted = settings.epochs * stepsPerEpoch;
    LOG.info(
        "training {} on {} workers for {} epochs of {} steps, {} local steps per round, outer"
            + " optimizer {}, from step {}",
        model,
        settings.workers,
        settings.epochs,
        stepsPerEpoch,
        settings.localSteps,
        settings.outer,
        progress.steps());
    long saved = progress.round();
    while (progress.steps() < wanted && !stopRequested) {
      takeSnapshots(progress);
      Optional<Progress> next = round(progress);
      if (next.isEmpty()) {
        progress = lastGood.orElseThrow();
        folder.removeAfter(progress.round());
        saved = Math.min(saved, progress.round());
        continue;
      }
      progress = next.get();
      if (progress.steps() % stepsPerEpoch == 0) {
        progress = finishEpoch(progress);
      }
      boolean last = progress.steps() >= wanted || stopRequested;
      boolean saves = last || progress.round() - saved >= settings.checkpointEvery;
      if (saves) {
        save(progress);
        saved = progress.round();
        progress = last ? progress : progress.with(fromFiles(saved, settings.workers, false, 0));
      }
      free(progress);
      if (saves) {
        folder.prune(
            lineages.stream().map(WorkerStates.Lineage::baseRound).collect(Collectors.toSet()));
      }
    }
    closeSlots(progress);
    folder.prune(Set.of());
    FlatParameters.set(
        model,
        settings.keepBest && progress.best().isPresent()
            ? progress.best().get().parameters()
            : progress.parameters());
    SparkTrainingResult result = result(progress, wanted);
    LOG.info("{}", result);
    tell(listener -> listener.onEnd(result));
    return result;
  }

  private void tell(Consumer<RoundListener> what) {
    settings.listeners.forEach(what);
  }

  private void requestStop() {
    stopRequested = true;
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - start) / 1e9;
  }

  private SparkTrainingResult result(Progress progress, long wanted) {
    return new SparkTrainingResult(
        progress.steps() >= wanted ? StopReason.EPOCHS_DONE : StopReason.REQUESTED,
        progress.history(),
        progress.best().map(best -> OptionalLong.of(best.epoch())).orElse(OptionalLong.empty()),
        progress.round(),
        progress.steps(),
        settings.workers,
        seconds(),
        bytes,
        events);
  }

  // --- workers ---

  private JavaRDD<Integer> numbers() {
    return spark.parallelize(
        IntStream.range(0, settings.workers).boxed().toList(), settings.workers);
  }

  /** Distributes a set over the workers, evenly and always in the same way. */
  private JavaRDD<ExampleShard> deal(JavaRDD<Example> examples) {
    int workers = settings.workers;
    long each = examples.count() / workers;
    checkArgument(
        each > 0, "the data set has too few images for %s workers: not one for each", workers);
    int channels = model.shape().channels();
    int height = model.shape().height();
    int width = model.shape().width();
    ArrayList<String> classNames = new ArrayList<>(model.classNames());
    return examples
        .zipWithIndex()
        .filter(example -> example._2() < each * workers)
        .mapToPair(
            example ->
                new Tuple2<>(
                    (int) (example._2() % workers), new Tuple2<>(example._2(), example._1())))
        .groupByKey(new HashPartitioner(workers))
        .map(
            share -> {
              List<Tuple2<Long, Example>> own = new ArrayList<>();
              share._2().forEach(own::add);
              own.sort(Comparator.comparing(example -> example._1()));
              return new ExampleShard(
                  share._1(),
                  new ImageShape(channels, height, width),
                  classNames,
                  own.stream().map(Tuple2::_2).toList());
            })
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  private Probe[] probe(float[] parameters) {
    WorkerSetup all = setup;
    Broadcast<float[]> common = spark.broadcast(parameters);
    JavaRDD<WorkerRound> first = numbers().map(WorkerRound::first);
    Probe[] probes =
        (shards.isPresent()
                ? first.zipPartitions(
                    shards.get(),
                    (workers, own) ->
                        List.of(Probe.of(all, common, workers.next(), own.next())).iterator())
                : first.map(worker -> Probe.of(all, common, worker, null)))
            .collect()
            .toArray(new Probe[0]);
    common.destroy();
    String here = ClassFingerprint.ofThisProcess();
    for (Probe probe : probes) {
      if (!probe.classes().equals(here)) {
        throw new SparkTrainingException(
            probe.place()
                + " runs other classes of this library than the driver: "
                + probe.classes()
                + " there, "
                + here
                + " here; give all of them the same jars");
      }
    }
    for (Probe probe : probes) {
      probe
          .failure()
          .ifPresent(
              failure -> {
                throw new SparkTrainingException(probe.place() + ": " + failure);
              });
      check(probe, "batches an epoch", probe.batchesPerEpoch(), probes[0].batchesPerEpoch());
      check(probe, "the classes", probe.classNames(), probes[0].classNames());
    }
    return probes;
  }

  private static void check(Probe probe, String what, Object found, Object ofFirst) {
    if (!found.equals(ofFirst)) {
      throw new SparkTrainingException(
          probe.place() + ": its shard has " + what + " " + found + ", worker 0's has " + ofFirst);
    }
  }

  private Progress begun(float[] parameters) {
    return new Progress(
        0,
        0,
        parameters,
        settings.outer.start(parameters.length),
        states(numbers().map(WorkerRound::first), 0),
        List.of(),
        new StepMeans(),
        List.of(),
        Optional.empty());
  }

  /** The last locations of the workers; elsewhere they are closed after some time. */
  private void closeSlots(Progress progress) {
    String run = setup.run();
    progress.states().rounds().foreach(worker -> WorkerSlot.closeAll(run));
  }

  private WorkerStates states(JavaRDD<WorkerRound> base, long baseRound) {
    WorkerStates.Lineage lineage = new WorkerStates.Lineage(base, baseRound);
    lineages.add(lineage);
    return new WorkerStates(base, lineage);
  }

  // --- rounds ---

  private static JavaRDD<WorkerRound> next(
      JavaRDD<WorkerRound> before, Optional<JavaRDD<ExampleShard>> shards, LocalSteps steps) {
    return shards.isPresent()
        ? before.zipPartitions(
            shards.get(),
            (workers, own) -> List.of(steps.run(workers.next(), own.next())).iterator())
        : before.map(worker -> steps.run(worker, null));
  }

  /** Runs a round; empty if a worker diverged and all were rolled back. */
  private Optional<Progress> round(Progress before) {
    long begun = System.nanoTime();
    long epochEnd = (before.steps() / stepsPerEpoch + 1) * stepsPerEpoch;
    long target = Math.min(before.steps() + settings.localSteps, epochEnd);
    Broadcast<float[]> parameters = spark.broadcast(before.parameters());
    LocalSteps steps =
        new LocalSteps(setup, parameters, target, new ArrayList<>(before.rollbacks()));
    JavaRDD<WorkerRound> rounds =
        next(before.states().rounds(), shards, steps).persist(StorageLevel.MEMORY_AND_DISK());
    before.states().lineage().add(rounds, parameters);
    long each = 4L * before.parameters().length;
    boolean direct = each * settings.workers <= settings.directBytes;
    List<WorkerRound.Outcome> outcomes =
        rounds.map(direct ? WorkerRound::outcome : WorkerRound::outcomeWithoutParameters).collect();
    Optional<Verdict> verdict = verdict(outcomes);
    if (verdict.isPresent()) {
      rollBack(verdict.get());
      return Optional.empty();
    }
    float[] mean =
        direct
            ? ParameterMean.of(outcomes.stream().map(WorkerRound.Outcome::parameters).toList())
            : ParameterMean.bySlices(rounds, settings.workers, before.parameters().length);
    OuterOptimizer.Step step =
        settings.outer.step(before.parameters(), mean, before.velocity(), untrained);
    StepMeans ofRound = new StepMeans();
    StepMeans ofEpoch = before.means().copy();
    for (WorkerRound.Outcome outcome : outcomes) {
      outcome.steps().forEach(ofRound::add);
      outcome.steps().forEach(ofEpoch::add);
    }
    long moved = 2 * each * settings.workers;
    bytes += moved;
    Progress after =
        new Progress(
            before.round() + 1,
            target,
            step.parameters(),
            step.velocity(),
            new WorkerStates(rounds, before.states().lineage()),
            List.of(),
            ofEpoch,
            before.history(),
            before.best());
    tell(
        new RoundReport(
            after.round(),
            target,
            before.steps() / stepsPerEpoch,
            ofRound.loss(),
            ofRound.values(),
            (System.nanoTime() - begun) / 1e9,
            outcomes.stream().mapToDouble(WorkerRound.Outcome::seconds).max().orElse(0),
            moved));
    return Optional.of(after);
  }

  private void tell(RoundReport report) {
    if (System.nanoTime() - logged > LOG_EVERY_NANOS) {
      logged = System.nanoTime();
      LOG.info(
          "round {}, step {} of epoch {}: loss {}, {} s, of which steps {} s",
          report.round(),
          report.steps() - report.epoch() * stepsPerEpoch,
          report.epoch(),
          report.loss(),
          report.seconds(),
          report.stepSeconds());
    }
    tell(listener -> listener.onRound(report, this::requestStop));
  }

  // --- divergence ---

  /** The earliest bad step; in case of a tie, that of the first worker. */
  private Optional<Verdict> verdict(List<WorkerRound.Outcome> outcomes) {
    List<Verdict> verdicts = new ArrayList<>();
    for (WorkerRound.Outcome outcome : outcomes) {
      if (outcome.failure().isPresent()) {
        WorkerRound.Failure failure = outcome.failure().get();
        if (failure.notFinite().isEmpty() || settings.guard.isEmpty()) {
          throw new SparkTrainingException(outcome.place() + ": " + failure.message());
        }
        verdicts.add(
            new Verdict(
                outcome.place(),
                settings
                    .guard
                    .get()
                    .judgeNotFinite(failure.notFinite().get(), failure.step(), events.size())));
      }
      settings.guard.ifPresent(
          guard -> {
            for (StepReport report : outcome.steps()) {
              guard
                  .judge(report, events.size())
                  .ifPresent(event -> verdicts.add(new Verdict(outcome.place(), event)));
            }
          });
    }
    return verdicts.stream()
        .min(
            Comparator.<Verdict>comparingLong(verdict -> verdict.event().step())
                .thenComparingInt(verdict -> verdict.place().worker()));
  }

  private void rollBack(Verdict verdict) {
    DivergenceEvent event = verdict.event();
    events.add(event);
    int allowed = settings.guard.orElseThrow().rollbacks();
    if (event.rollback() > allowed) {
      FlatParameters.set(model, lastGood.orElseThrow().parameters());
      throw new SparkTrainingException(
          "training diverged again after "
              + allowed
              + " rollbacks, on "
              + verdict.place()
              + ": "
              + events
              + ". The model holds the parameters of the last good round");
    }
    LOG.warn("training diverged on {}: {}", verdict.place(), event);
    lastGood = lastGood.map(good -> good.with(event));
    candidate = Optional.empty();
    tell(listener -> listener.onRollBack(verdict.place().worker(), event));
  }

  /**
   * Taken as by {@link org.udge.training.Trainer}: the newest contains parameters not yet judged.
   */
  private void takeSnapshots(Progress progress) {
    if (settings.guard.isEmpty()) {
      return;
    }
    if (lastGood.isEmpty()) {
      lastGood = Optional.of(progress);
    }
    if (progress.round() % settings.snapshotEvery == 0
        && lastGood.get().round() != progress.round()
        && candidate.filter(one -> one.round() == progress.round()).isEmpty()) {
      lastGood = candidate.or(() -> lastGood);
      candidate = Optional.of(progress);
    }
  }

  // --- epochs ---

  private Progress finishEpoch(Progress progress) {
    long epoch = progress.steps() / stepsPerEpoch - 1;
    FlatParameters.set(model, progress.parameters());
    Optional<EpochReport.Validation> found =
        settings.validation.map(
            judge ->
                new EpochReport.Validation(
                    judge.apply(model).metrics(), settings.validationImages));
    EpochReport report =
        new EpochReport(
            epoch,
            progress.steps(),
            progress.means().loss(),
            progress.means().values(),
            found,
            (System.nanoTime() - epochStart) / 1e9);
    epochStart = System.nanoTime();
    Optional<Progress.Best> best = progress.best();
    if (found.isPresent()) {
      Metric metric = found.get().metric(settings.bestBy);
      if (metric.isBetterThan(best.map(Progress.Best::metric))) {
        best = Optional.of(new Progress.Best(epoch, metric, progress.parameters()));
      }
    }
    LOG.info(
        "epoch {}: loss {}{}",
        epoch,
        report.loss(),
        found.map(validation -> ", validation accuracy " + validation.accuracy()).orElse(""));
    if (settings.patience.isPresent()
        && epoch - best.map(Progress.Best::epoch).orElse(-1L) >= settings.patience.getAsInt()) {
      LOG.info("no better epoch in {}: training ends", settings.patience.getAsInt());
      requestStop();
    }
    Progress after = progress.with(report, best);
    tell(listener -> listener.onEpoch(report, this::requestStop));
    return after;
  }

  // --- checkpoints ---

  private void save(Progress progress) {
    folder.write(
        progress.round(),
        progress
            .capture()
            .put("seed", settings.seed)
            .put("workers", settings.workers)
            .put("stepsPerEpoch", stepsPerEpoch)
            .put("events", DivergenceHistory.capture(events))
            .put("seconds", seconds())
            .put("bytes", bytes)
            .build(),
        progress.states().rounds());
  }

  /**
   * Workers' states in files.
   *
   * @param workersThen the former number of workers
   * @param moves whether they continue with other data
   * @param steps completed steps in terms of those data
   */
  private WorkerStates fromFiles(long round, int workersThen, boolean moves, long steps) {
    RoundFolder files = folder;
    long seed = settings.seed;
    int perEpoch = stepsPerEpoch;
    return states(
        numbers()
            .map(
                worker -> {
                  State state = files.readWorker(round, worker % workersThen);
                  return WorkerRound.from(
                      worker,
                      moves
                          ? RunState.of(state)
                              .movedTo(WorkerSetup.seedOf(seed, worker), steps, perEpoch)
                              .state()
                          : state);
                })
            .persist(StorageLevel.MEMORY_AND_DISK()),
        round);
  }

  private Progress resumed(long round, int parameters) {
    State state = folder.readDriver(round);
    try {
      checkArgument(
          state.getLong("seed") == settings.seed,
          "it is of a run with seed %s, this one has %s",
          state.getLong("seed"),
          settings.seed);
      checkArgument(
          state.getFloats("parameters").length == parameters,
          "it has %s parameters, the model %s",
          state.getFloats("parameters").length,
          parameters);
      checkArgument(
          state.getFloats("velocity").length == settings.outer.start(parameters).length,
          "it is of another outer optimizer than %s",
          settings.outer);
      long workersThen = state.getLong("workers");
      long perEpochThen = state.getLong("stepsPerEpoch");
      long stepsThen = state.getLong("steps");
      checkArgument(
          workersThen > 0
              && workersThen <= Integer.MAX_VALUE
              && perEpochThen > 0
              && perEpochThen <= Integer.MAX_VALUE
              && stepsThen >= 0,
          "it says %s workers, %s steps, %s an epoch",
          workersThen,
          stepsThen,
          perEpochThen);
      boolean moves = workersThen != settings.workers || perEpochThen != stepsPerEpoch;
      long steps =
          stepsThen / perEpochThen * stepsPerEpoch
              + stepsThen % perEpochThen * stepsPerEpoch / perEpochThen;
      if (moves) {
        LOG.warn(
            "the checkpoint of round {} is of {} workers with {} steps an epoch, this run has {}"
                + " with {}: the order of images and the means of the epoch under way start anew",
            round,
            workersThen,
            perEpochThen,
            settings.workers,
            stepsPerEpoch);
      }
      events.addAll(DivergenceHistory.restore(state.getState("events")));
      secondsBefore = state.getDouble("seconds");
      bytes = state.getLong("bytes");
      return Progress.restore(
          state,
          steps,
          stepsPerEpoch,
          means(state, moves),
          fromFiles(round, (int) workersThen, moves, steps));
    } catch (IllegalArgumentException e) {
      throw new SparkTrainingException(
          "the checkpoint of round "
              + round
              + " in "
              + folder
              + " does not suit: "
              + e.getMessage(),
          e);
    }
  }

  private static StepMeans means(State state, boolean moves) {
    StepMeans means = new StepMeans();
    if (!moves) {
      means.restoreState(state.getState("means"));
    }
    return means;
  }

  /** Releases what neither the run nor a rollback can need any more. */
  private void free(Progress progress) {
    List<WorkerStates> needed = new ArrayList<>();
    needed.add(progress.states());
    lastGood.ifPresent(snapshot -> needed.add(snapshot.states()));
    candidate.ifPresent(snapshot -> needed.add(snapshot.states()));
    List<JavaRDD<WorkerRound>> rounds = needed.stream().map(WorkerStates::rounds).toList();
    lineages.removeIf(
        lineage -> {
          if (needed.stream().anyMatch(states -> states.lineage() == lineage)) {
            lineage.unpersistBut(rounds);
            return false;
          }
          lineage.destroy();
          return true;
        });
  }
}
