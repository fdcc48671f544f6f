package org.udge.loss;

import java.nio.FloatBuffer;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.state.State;
import org.udge.state.Stateful;

/** The persistent chains of a term: a replay buffer, and the dynamics that move its images. */
final class SampleChains implements Stateful {

  private final String name;
  private final ImageShape shape;
  private final ReplayBuffer buffer;
  private final boolean savesBuffer;
  private final Langevin ownLangevin;
  private Langevin langevin;
  private INDArray images = Nd4j.empty(DataType.FLOAT);
  private double saturation;

  /**
   * Creates the chains of a term. Class-conditional chains of terms with equal settings share a
   * buffer, and so do chains of p(x); chains of p(x) would carry images of one class into the slots
   * of another.
   */
  SampleChains(
      String name, Langevin langevin, Replay replay, boolean classConditional, LossSetup setup) {
    this.name = name;
    this.shape = setup.shape();
    this.ownLangevin = langevin;
    this.langevin = langevin;
    SharedBuffer shared =
        setup
            .memory()
            .shared(
                SharedBuffer.class,
                new BufferKey(replay, classConditional),
                () -> new SharedBuffer(ReplayBuffer.of(replay, shape, setup.classes())));
    this.buffer = shared.buffer;
    this.savesBuffer = shared.claimSaving();
  }

  private record BufferKey(Replay replay, boolean classConditional) {}

  /** A buffer shared by several terms; the first of them saves it. */
  private static final class SharedBuffer {
    private final ReplayBuffer buffer;
    private boolean claimed;

    SharedBuffer(ReplayBuffer buffer) {
      this.buffer = buffer;
    }

    boolean claimSaving() {
      boolean first = !claimed;
      claimed = true;
      return first;
    }
  }

  /** Draws samples of p(x), with chains that start anywhere in the buffer. */
  Batch marginal(SampleContext context, int count) {
    INDArray target = allocate(count);
    ReplayBuffer.Draw draw = buffer.draw(target, stream(context, "buffer"));
    move(context, draw, EnergyGradient.marginal());
    return Batch.unlabeled(target);
  }

  /** Draws samples of p(x|y), with chains that start from the slots of each class. */
  Batch conditional(SampleContext context, int... labels) {
    INDArray target = allocate(labels.length);
    ReplayBuffer.Draw draw = buffer.draw(target, labels, stream(context, "buffer"));
    move(context, draw, EnergyGradient.conditional(labels));
    return Batch.of(target, labels.clone());
  }

  RandomStream stream(SampleContext context, String purpose) {
    RandomStreams own = context.streams().child(name);
    return own.stream(purpose, context.step());
  }

  private INDArray allocate(int count) {
    if (images.isEmpty() || images.size(0) != count) {
      images = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', shape.batch(count));
    }
    return images;
  }

  private void move(SampleContext context, ReplayBuffer.Draw draw, EnergyGradient energy) {
    LangevinSampler.of(context.engine(), langevin)
        .run(images, energy, NoiseSource.of(stream(context, "langevin")));
    buffer.store(draw.slots(), images);
    saturation = HostImages.keeping(images, SampleChains::saturationOf);
  }

  /** Returns the fraction of pixels at or beyond the ends of the pixel range. */
  private static double saturationOf(INDArray images) {
    FloatBuffer pixels = images.data().asNioFloat();
    int count = (int) images.length();
    int outside = 0;
    for (int i = 0; i < count; i++) {
      if (!(Math.abs(pixels.get(i)) < 1)) {
        outside++;
      }
    }
    return (double) outside / count;
  }

  String name() {
    return name;
  }

  /** Returns the saturation of the last draw. */
  double saturation() {
    return saturation;
  }

  Optional<String> adjust(Remedy remedy) {
    if (remedy instanceof Remedy.MoreSteps more) {
      int before = langevin.steps();
      langevin = langevin.withSteps((int) Math.ceil(before * more.factor()));
      return Optional.of("Langevin steps " + before + " -> " + langevin.steps());
    }
    if (remedy instanceof Remedy.ClampSamples clamp) {
      langevin = langevin.withSampleBounds(clamp.low(), clamp.high());
      return Optional.of(clamp.toString());
    }
    if (remedy instanceof Remedy.ClampGradients clamp) {
      langevin = langevin.withGradientLimit(Math.min(langevin.gradientLimit(), clamp.limit()));
      return Optional.of("gradients of samples clamped to " + langevin.gradientLimit());
    }
    return Optional.empty();
  }

  @Override
  public State captureState() {
    return savesBuffer
        ? State.builder().put("buffer", buffer.captureState()).build()
        : State.empty();
  }

  /** Undoes all adjustments. */
  @Override
  public void restoreState(State state) {
    if (savesBuffer) {
      buffer.restoreState(state.getState("buffer"));
    }
    langevin = ownLangevin;
  }
}
