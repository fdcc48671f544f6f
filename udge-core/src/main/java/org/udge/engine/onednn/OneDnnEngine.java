package org.udge.engine.onednn;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.Precision;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.engine.nodes.Network;
import org.udge.engine.nodes.NetworkReader;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Phase;
import org.udge.network.ActNormalization;

/**
 * The engine that runs a network with fused oneDNN primitives on an x86-64 CPU.
 *
 * <p>It reads parameters from the flat array of the graph and adds gradients to its flat view, so
 * Deeplearning4j's updaters, regularization and serialization work unchanged. Weights are copied to
 * oneDNN's layouts when parameters have changed: after {@link #parametersChanged()}, or when the
 * iteration count of the graph differs from that of the last pass. There is one compiled plan per
 * batch size, image size and mode, created on first use; the number of cached plans is bounded. A
 * pass leases memory from its plan, so that steady use allocates no memory.
 *
 * <p>There is a kernel for every kind of {@link Node}; the reader of nodes determines which layers
 * can be expressed by them.
 *
 * <p>Thread-safe as described in {@link Engine}; computations of one engine are serialized, so that
 * it never uses more threads than requested.
 */
public final class OneDnnEngine implements Engine {

  static final String NAME = "onednn";

  private record PlanKey(List<Long> images, Mode mode) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final OneDnnLibrary library = OneDnnLibrary.get();
  private final ComputationGraph graph;
  private final OneDnnOptions options;
  private final int threads;
  private final Network network;
  private final PackedWeights weights;
  private final Map<PlanKey, CachedPlan> plans = new LinkedHashMap<>(16, 0.75f, true);
  private boolean parametersChanged = true;
  private int iteration;
  private boolean closed;

  private OneDnnEngine(ComputationGraph graph, OneDnnOptions options, Network network) {
    this.graph = graph;
    this.options = options;
    this.threads = options.threads().orElseGet(library::maximumThreads);
    this.network = network;
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    this.weights = new PackedWeights(HostArrays.address(graph.params()));
  }

  /**
   * Returns the reason why this engine cannot run on this machine.
   *
   * @return the reason, in one line; empty if it can run
   */
  public static Optional<String> availability() {
    return OneDnnLibrary.problem();
  }

  /**
   * Returns the CPU instruction set that oneDNN uses on this machine.
   *
   * @return the instruction set, for example {@code AVX2} or {@code AVX-512 with BF16}
   * @throws IllegalStateException if oneDNN is not {@linkplain #availability() available}
   */
  public static String instructions() {
    return OneDnnLibrary.get().instructions();
  }

  /**
   * Creates an engine for a network. Plans are compiled when a batch of their size first occurs.
   *
   * @param graph an initialized graph of float32 with one softmax or identity output layer
   * @param options the precision, number of threads and cache size
   * @return the engine
   * @throws UnsupportedNetworkException if the network has a layer that is not supported
   * @throws IllegalArgumentException if the output of the graph is not a layer of logits, or
   *     bfloat16 is requested and the CPU does not support it
   * @throws IllegalStateException if oneDNN is not {@linkplain #availability() available}
   */
  public static OneDnnEngine compile(ComputationGraph graph, OneDnnOptions options) {
    checkPrecision(options);
    return new OneDnnEngine(graph, options, NetworkReader.read(NAME, graph));
  }

  /**
   * Creates an engine for a network and checks that it supports images of the given size. Images of
   * other supported sizes are accepted too.
   *
   * @param graph an initialized graph of float32 with one softmax or identity output layer
   * @param options the precision, number of threads and cache size
   * @param images the shape of the images that the network will receive
   * @return the engine
   * @throws UnsupportedNetworkException if the network has a layer that is not supported, or a
   *     vertex that combines inputs of different shapes element-wise
   * @throws IllegalArgumentException if the output of the graph is not a layer of logits, the
   *     network does not support images of this size, or bfloat16 is requested and the CPU does not
   *     support it
   * @throws IllegalStateException if oneDNN is not {@linkplain #availability() available}
   */
  public static OneDnnEngine compile(
      ComputationGraph graph, OneDnnOptions options, ImageShape images) {
    checkPrecision(options);
    return new OneDnnEngine(graph, options, NetworkReader.read(NAME, graph, images));
  }

  private static void checkPrecision(OneDnnOptions options) {
    OneDnnLibrary library = OneDnnLibrary.get();
    checkArgument(
        options.precision() == Precision.FLOAT32 || library.hasBfloat16(),
        "precision BFLOAT16 needs a CPU with AVX512_BF16, this one has none and would be slower"
            + " than with FLOAT32");
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Precision precision() {
    return options.precision();
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public Pass forward(INDArray images, Mode mode, long dropoutSeed) {
    checkArgument(
        images.dataType() == DataType.FLOAT && images.rank() == 4 && images.size(0) > 0,
        "images must be FLOAT [N, C, H, W] with N at least 1, were %s %s",
        images.dataType(),
        Arrays.toString(images.shape()));
    checkChannels(images);
    INDArray ordered = HostArrays.contiguous(images);
    initializeNorms(ordered, mode);
    lock.lock();
    try {
      checkState(!closed, "the engine is closed");
      return withThreads(
          () -> {
            FlatArrays arrays = refresh();
            CachedPlan plan = plan(ordered.shape(), mode);
            Arena arena = plan.lease(weights, arrays);
            try {
              arena.use(HostArrays.address(ordered), dropoutSeed);
              arena.run(Phase.FORWARD);
            } catch (RuntimeException e) {
              plan.giveBack(arena);
              throw e;
            }
            return new OneDnnPass(this, plan, arena, ordered);
          });
    } finally {
      lock.unlock();
    }
  }

  private void checkChannels(INDArray images) {
    String input = network.images().name();
    for (Node node : network.nodes()) {
      if (node instanceof Node.Convolution first && first.input().equals(input)) {
        checkArgument(
            images.size(1) == first.channelsIn(),
            "images must have %s channels, had %s",
            first.channelsIn(),
            images.size(1));
      }
    }
  }

  /** Initializes activation normalizations from the first training batch, as in Deeplearning4j. */
  private void initializeNorms(INDArray images, Mode mode) {
    if (mode.dropout()
        && network.has(Node.ActNorm.class)
        && !ActNormalization.isInitialized(graph)) {
      ActNormalization.initialize(graph, images);
      parametersChanged();
    }
  }

  /** Detects changed parameters. */
  private FlatArrays refresh() {
    FlatArrays arrays = arrays();
    int now = graph.getIterationCount();
    if (parametersChanged || now != iteration) {
      weights.parametersChanged(arrays.parameters());
      parametersChanged = false;
      iteration = now;
    }
    return arrays;
  }

  private FlatArrays arrays() {
    return new FlatArrays(
        HostArrays.address(graph.params()), HostArrays.address(graph.getGradientsViewArray()));
  }

  private CachedPlan plan(long[] images, Mode mode) {
    PlanKey key = new PlanKey(Arrays.stream(images).boxed().toList(), relevant(mode));
    CachedPlan plan = plans.get(key);
    if (plan == null) {
      plan = new CachedPlan(build(images, key.mode()));
      plans.put(key, plan);
      if (plans.size() > options.cachedPlans()) {
        plans.remove(plans.keySet().iterator().next()).retire();
      }
    }
    return plan;
  }

  private Plan build(long[] images, Mode mode) {
    return PlanBuilder.build(fused(mode), images, mode, precision(), weights);
  }

  private List<FusedNode> fused(Mode mode) {
    return Fusion.fuse((mode.dropout() ? network : network.withoutDropout()).nodes());
  }

  /** Returns the simplest mode in which this network behaves identically. */
  private Mode relevant(Mode mode) {
    if (mode == Mode.TRAINING && usesBatchStatistics()) {
      return mode;
    }
    return mode.dropout() && network.has(Node.Dropout.class)
        ? Mode.TRAINING_FROZEN_STATISTICS
        : Mode.EVALUATION;
  }

  private boolean usesBatchStatistics() {
    return network.nodes().stream().anyMatch(n -> n instanceof Node.BatchNorm && n.trained());
  }

  void run(Arena arena, Phase phase) {
    lock.lock();
    try {
      checkState(!closed, "the engine is closed");
      withThreads(
          () -> {
            arena.run(phase);
            return arena;
          });
    } finally {
      lock.unlock();
    }
  }

  void giveBack(CachedPlan plan, Arena arena) {
    lock.lock();
    try {
      plan.giveBack(arena);
    } finally {
      lock.unlock();
    }
  }

  /** Runs an action with this engine's number of threads, then restores that of the caller. */
  @CanIgnoreReturnValue
  private <T> T withThreads(Supplier<T> action) {
    int before = library.maximumThreads();
    if (before == threads) {
      return action.get();
    }
    library.setMaximumThreads(threads);
    try {
      return action.get();
    } finally {
      library.setMaximumThreads(before);
    }
  }

  @Override
  public void parametersChanged() {
    lock.lock();
    try {
      parametersChanged = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String describe() {
    lock.lock();
    try {
      StringBuilder text = new StringBuilder();
      text.append("engine onednn: ").append(precision()).append(", threads ").append(threads);
      text.append("\nfused network\n");
      fused(Mode.EVALUATION).forEach(node -> text.append("  ").append(node).append('\n'));
      plans.forEach(
          (key, plan) -> {
            text.append("plan for images ").append(key.images()).append(' ').append(key.mode());
            text.append('\n').append(PlanDescription.of(plan.plan()));
          });
      return text.toString();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Measures every step of a pass: forward, then the gradients with respect to input and
   * parameters.
   *
   * @param shape the shape of an image
   * @param batch the number of images, at least 1
   * @param rounds the number of measurements, at least 1; the fastest one counts
   * @return the steps, in order; those needed by both gradients are listed once
   */
  public List<StepTime> profile(ImageShape shape, int batch, int rounds) {
    checkMeasurement(batch, rounds);
    lock.lock();
    try (BytePointer gradients = new BytePointer(graph.numParams() * Float.BYTES);
        INDArray images = HostArrays.create(shape.batch(batch))) {
      checkState(!closed, "the engine is closed");
      FlatArrays arrays = new FlatArrays(refresh().parameters(), gradients.address());
      return withThreads(
          () -> {
            Plan plan = plan(images.shape(), Mode.TRAINING).plan();
            try (Arena arena = new Arena(plan, weights, arrays)) {
              arena.use(HostArrays.address(images), 0);
              return Profiler.measure(arena, rounds);
            }
          });
    } finally {
      lock.unlock();
    }
  }

  /**
   * Measures the performance of oneDNN alone on the convolutions of a pass, an upper bound for
   * {@link #profile}: each convolution runs by itself on recently used memory, in its preferred
   * layouts, without fusion and copies.
   *
   * @param shape the shape of an image
   * @param batch the number of images, at least 1
   * @param rounds the number of measurements of each, at least 1; the fastest one counts
   * @return one time for each convolution in each direction, with phase and label as in {@link
   *     #profile} (labels of fused steps name the fused operations, although none are fused here)
   */
  public List<StepTime> bareConvolutions(ImageShape shape, int batch, int rounds) {
    checkMeasurement(batch, rounds);
    lock.lock();
    try {
      checkState(!closed, "the engine is closed");
      return withThreads(
          () -> BareConvolutions.measure(plan(shape.batch(batch), Mode.TRAINING).plan(), rounds));
    } finally {
      lock.unlock();
    }
  }

  private static void checkMeasurement(int batch, int rounds) {
    checkArgument(batch >= 1, "batch must be at least 1, was %s", batch);
    checkArgument(rounds >= 1, "rounds must be at least 1, was %s", rounds);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        new ArrayList<>(plans.values()).forEach(CachedPlan::retire);
        plans.clear();
        weights.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
