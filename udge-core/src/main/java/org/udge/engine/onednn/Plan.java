package org.udge.engine.onednn;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.udge.engine.onednn.Step.Phase;

/**
 * The plan for one batch size, image size and mode: the steps in order, and the places of their
 * tensors. Independent of actual memory.
 */
final class Plan implements AutoCloseable {

  private final NativeScope scope;
  private final long[] imageShape;
  private final long[] logitShape;
  private final List<Step> steps;
  private final long arenaBytes;
  private final long scratchBytes;
  private final Map<Phase, List<Buffer>> packed = new EnumMap<>(Phase.class);

  /**
   * Creates a plan and places its tensors.
   *
   * @param scope the owner of the native objects of the steps; closed with the plan
   */
  Plan(NativeScope scope, long[] imageShape, long[] logitShape, List<Step> steps) {
    this.scope = scope;
    this.imageShape = imageShape;
    this.logitShape = logitShape;
    this.steps = List.copyOf(steps);
    this.arenaBytes = MemoryPlan.place(steps);
    this.scratchBytes =
        steps.stream()
            .filter(Step.Native.class::isInstance)
            .mapToLong(step -> ((Step.Native) step).scratchBytes())
            .max()
            .orElse(0);
    for (Phase phase : Phase.values()) {
      packed.put(phase, packedBuffers(phase));
    }
  }

  private List<Buffer> packedBuffers(Phase phase) {
    Set<Buffer> found = new LinkedHashSet<>();
    for (Step step : steps) {
      if (step.phases().contains(phase)) {
        step.buffers().stream()
            .filter(buffer -> buffer.place() == Buffer.Place.PACKED)
            .forEach(found::add);
      }
    }
    return new ArrayList<>(found);
  }

  long[] imageShape() {
    return imageShape.clone();
  }

  long[] logitShape() {
    return logitShape.clone();
  }

  List<Step> steps() {
    return steps;
  }

  List<Step> steps(Phase phase) {
    return steps.stream().filter(step -> step.phases().contains(phase)).toList();
  }

  /** Returns the packed weights that a phase reads. */
  List<Buffer> packed(Phase phase) {
    return requireNonNull(packed.get(phase));
  }

  boolean canFinishInputGradient() {
    return steps.stream().anyMatch(s -> s.phases().contains(Phase.INPUT_GRADIENT_REST));
  }

  /** Returns the number of bytes of memory for tensors and scratch space. */
  long bytes() {
    return arenaBytes + (scratchBytes + 63) / 64 * 64;
  }

  long arenaBytes() {
    return arenaBytes;
  }

  long scratchBytes() {
    return scratchBytes;
  }

  @Override
  public void close() {
    scope.close();
  }
}
