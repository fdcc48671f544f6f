package org.udge.engine.onednn;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.lang.ref.Reference;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.engine.Pass;
import org.udge.engine.onednn.Step.Phase;
import org.udge.internal.HostImages;

/** A run of a plan in an arena. */
final class OneDnnPass implements Pass {

  private final OneDnnEngine engine;
  private final CachedPlan plan;
  private final Arena arena;
  private @Nullable INDArray images;
  private boolean wentBack;
  private boolean closed;

  /**
   * Creates a pass whose forward steps have run.
   *
   * @param images the images, retained because backward steps read them
   */
  OneDnnPass(OneDnnEngine engine, CachedPlan plan, Arena arena, INDArray images) {
    this.engine = engine;
    this.plan = plan;
    this.arena = arena;
    this.images = images;
  }

  @Override
  public INDArray logits() {
    checkOpen();
    return arena.logits();
  }

  @Override
  public INDArray inputGradient(INDArray logitGradient) {
    checkOpen();
    boolean same = take(logitGradient);
    // A full backward pass with the same gradient would repeat all steps except those of the first
    // convolution.
    boolean finish = same && wentBack && plan.plan().canFinishInputGradient();
    goBack(finish ? Phase.INPUT_GRADIENT_REST : Phase.INPUT_GRADIENT);
    return arena.inputGradient();
  }

  @Override
  public void parameterGradient(INDArray logitGradient) {
    checkOpen();
    take(logitGradient);
    goBack(Phase.PARAMETER_GRADIENT);
  }

  private void goBack(Phase phase) {
    wentBack = false;
    try {
      engine.run(arena, phase);
    } finally {
      // Steps hold only addresses: images and arena must stay reachable until the steps are
      // done, even if the pass is never closed.
      Reference.reachabilityFence(this);
    }
    wentBack = true;
  }

  /** Copies the caller's gradient; returns whether it equals the gradient already present. */
  @CanIgnoreReturnValue
  private boolean take(INDArray gradient) {
    checkArgument(
        gradient.dataType() == DataType.FLOAT
            && Arrays.equals(gradient.shape(), arena.plan().logitShape()),
        "logitGradient must be FLOAT %s like the logits, was %s %s",
        Arrays.toString(arena.plan().logitShape()),
        gradient.dataType(),
        Arrays.toString(gradient.shape()));
    return HostImages.keeping(HostArrays.contiguous(gradient), this::copy);
  }

  private boolean copy(INDArray gradient) {
    BytePointer target = arena.logitGradient();
    Pointer source = new Address(HostArrays.address(gradient));
    boolean same = Pointer.memcmp(target, source, target.capacity()) == 0;
    Pointer.memcpy(target, source, target.capacity());
    return same;
  }

  private void checkOpen() {
    checkState(!closed, "this pass is closed");
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      images = null;
      engine.giveBack(plan, arena);
    }
  }

  @Override
  public String toString() {
    return "OneDnnPass[" + (images == null ? "closed" : Arrays.toString(images.shape())) + "]";
  }
}
