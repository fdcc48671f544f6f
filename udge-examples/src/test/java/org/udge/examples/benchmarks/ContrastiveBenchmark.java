package org.udge.examples.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.udge.data.ImageShape;
import org.udge.engine.Logits;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.ContrastiveForm;
import org.udge.loss.LossFunction;
import org.udge.loss.LossInput;
import org.udge.loss.LossSetup;
import org.udge.loss.LossValue;
import org.udge.loss.NegativeQueueSettings;
import org.udge.loss.QueueStart;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * What the conditional contrastive term costs in one training step, on one core: value and gradient
 * for a batch of 64, and taking the batch into a full queue.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ContrastiveBenchmark {

  /** Few enough to stay in the cache. */
  private static final int BATCHES = 16;

  /** N. */
  @Param("64")
  int batch;

  /** C. */
  @Param({"10", "100"})
  int classes;

  /** K. */
  @Param("65536")
  int queue;

  /** How logits become a score. */
  @Param({"REFERENCE", "PAPER"})
  ContrastiveForm form;

  /** Label smoothing. */
  @Param({"0", "0.1"})
  double smoothing;

  private final List<LossInput> steps = new ArrayList<>();
  private LossFunction function;
  private int next;

  /** For JMH. */
  public ContrastiveBenchmark() {}

  /** Fills the queue, draws the batches, and brings the term's sums up to date. */
  @Setup
  public void prepare() {
    RandomStreams streams = RandomStreams.of(1);
    RandomStream random = streams.stream("logits");
    for (int i = 0; i < BATCHES; i++) {
      steps.add(randomStep(random));
    }
    function =
        ConditionalContrastive.ofDefaults()
            .withForm(form)
            .withSmoothing(smoothing)
            .withQueue(
                NegativeQueueSettings.ofDefaults().withCapacity(queue).withStart(QueueStart.NOISE))
            .begin(LossSetup.of(classes, ImageShape.CIFAR, streams));
    function.evaluate(steps.get(0));
  }

  private LossInput randomStep(RandomStream random) {
    double[][] logits = new double[batch][classes];
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = random.nextInt(classes);
      for (int c = 0; c < classes; c++) {
        logits[i][c] = random.nextGaussian();
      }
    }
    return LossInput.ofLabeled(Logits.of(logits), labels);
  }

  /**
   * One step.
   *
   * @return the term's value, so that nothing is optimized away
   */
  @Benchmark
  public LossValue step() {
    LossInput input = steps.get(next);
    next = (next + 1) % BATCHES;
    LossValue value = function.evaluate(input);
    function.remember(input);
    return value;
  }
}
