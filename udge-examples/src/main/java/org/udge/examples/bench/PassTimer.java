package org.udge.examples.bench;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.engine.Engine;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.Precision;

/** Adds up the time that engines spend in network passes: forward, and both gradients. */
final class PassTimer {

  private final LongAdder nanoseconds = new LongAdder();

  /** The time spent in passes so far. */
  long nanoseconds() {
    return nanoseconds.sum();
  }

  /** A timed view of an engine. */
  Engine around(Engine engine) {
    return new TimedEngine(engine);
  }

  private <T> T timed(Supplier<T> action) {
    long start = System.nanoTime();
    try {
      return action.get();
    } finally {
      nanoseconds.add(System.nanoTime() - start);
    }
  }

  private final class TimedEngine implements Engine {
    private final Engine engine;

    TimedEngine(Engine engine) {
      this.engine = engine;
    }

    @Override
    public String name() {
      return engine.name();
    }

    @Override
    public Precision precision() {
      return engine.precision();
    }

    @Override
    public int threads() {
      return engine.threads();
    }

    @Override
    public Pass forward(INDArray images, Mode mode, long dropoutSeed) {
      return new TimedPass(timed(() -> engine.forward(images, mode, dropoutSeed)));
    }

    @Override
    public void parametersChanged() {
      engine.parametersChanged();
    }

    @Override
    public String describe() {
      return engine.describe();
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  private final class TimedPass implements Pass {
    private final Pass pass;

    TimedPass(Pass pass) {
      this.pass = pass;
    }

    @Override
    public INDArray logits() {
      return pass.logits();
    }

    @Override
    public INDArray inputGradient(INDArray logitGradient) {
      return timed(() -> pass.inputGradient(logitGradient));
    }

    @Override
    public void parameterGradient(INDArray logitGradient) {
      timed(
          () -> {
            pass.parameterGradient(logitGradient);
            return pass;
          });
    }

    @Override
    public void close() {
      pass.close();
    }
  }
}
