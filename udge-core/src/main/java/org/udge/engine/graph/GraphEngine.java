package org.udge.engine.graph;

import static org.udge.internal.Preconditions.checkState;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.engine.Engine;
import org.udge.engine.LogitsConfiguration;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.Precision;

/**
 * The engine that runs a network vertex by vertex with Deeplearning4j's own layers.
 *
 * <p>It supports every layer and backend, and is the reference for the tests. It is slow on CPUs,
 * because Deeplearning4j's convolutions are, and it computes weight gradients even if only input
 * gradients are requested. Every pass runs on a replica of the graph that shares its parameters and
 * has its own gradient view; replicas are created on demand and reused.
 */
public final class GraphEngine implements Engine {

  private final ComputationGraph graph;
  private final ComputationGraphConfiguration configuration;
  private final Queue<Replica> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  private GraphEngine(ComputationGraph graph) {
    this.graph = graph;
    this.configuration = LogitsConfiguration.of(graph.getConfiguration());
  }

  /**
   * Returns an engine for a classifier.
   *
   * @param graph an initialized graph with one softmax or identity output layer
   * @return the engine
   * @throws IllegalArgumentException if the output of the graph is not a layer of logits
   */
  public static GraphEngine of(ComputationGraph graph) {
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    return new GraphEngine(graph);
  }

  @Override
  public String name() {
    return "graph";
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT32;
  }

  @Override
  public int threads() {
    String openMp = System.getenv("OMP_NUM_THREADS");
    return openMp == null
        ? Runtime.getRuntime().availableProcessors()
        : Integer.parseInt(openMp.replaceFirst(",.*", "").trim());
  }

  @Override
  public Pass forward(INDArray images, Mode mode, long dropoutSeed) {
    checkState(!closed, "the engine is closed");
    Replica replica = idle.poll();
    if (replica == null) {
      replica = new Replica(configuration, graph.params());
    }
    Replica leased = replica;
    return detached(
        () -> {
          INDArray input = images.castTo(configuration.getDataType());
          return new GraphPass(leased, input, mode, dropoutSeed);
        });
  }

  /**
   * Runs an action outside workspaces: activations and gradients must outlive any workspace that
   * the caller has open.
   */
  private static <T> T detached(Supplier<T> action) {
    MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
    try {
      return action.get();
    } finally {
      none.close();
    }
  }

  @Override
  public void parametersChanged() {
    // Replicas read the parameter array of the graph, so there is nothing to update.
  }

  @Override
  public String describe() {
    return "engine graph: Deeplearning4j's own layers\n" + graph.summary();
  }

  @Override
  public void close() {
    closed = true;
    idle.clear();
  }

  private final class GraphPass implements Pass {
    private final Replica replica;
    private final INDArray images;
    private final Mode mode;
    private final long dropoutSeed;
    private final INDArray logits;
    private boolean fresh = true;
    private boolean closed;

    GraphPass(Replica replica, INDArray images, Mode mode, long dropoutSeed) {
      this.replica = replica;
      this.images = images;
      this.mode = mode;
      this.dropoutSeed = dropoutSeed;
      this.logits = replica.forward(images, mode, dropoutSeed).dup('c');
    }

    @Override
    public INDArray logits() {
      checkOpen();
      return logits;
    }

    @Override
    public INDArray inputGradient(INDArray logitGradient) {
      return detached(() -> backward(logitGradient));
    }

    @Override
    public void parameterGradient(INDArray logitGradient) {
      INDArray unused = inputGradient(logitGradient);
      graph.getGradientsViewArray().addi(replica.parameterGradient());
    }

    private INDArray backward(INDArray logitGradient) {
      checkOpen();
      if (!fresh) {
        // The backward pass overwrites what layers have retained: batch statistics, dropout masks.
        replica.forward(images, mode, dropoutSeed);
      }
      fresh = false;
      INDArray gradient = logitGradient.castTo(configuration.getDataType()).dup('c');
      return replica.backward(gradient).reshape(images.shape());
    }

    private void checkOpen() {
      checkState(!closed, "this pass is closed");
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        replica.clear();
        if (!GraphEngine.this.closed) {
          idle.add(replica);
        }
      }
    }
  }
}
