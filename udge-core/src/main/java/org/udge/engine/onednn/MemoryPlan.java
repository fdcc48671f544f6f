package org.udge.engine.onednn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Assigns every tensor of an arena its place: tensors whose lifetimes do not overlap may share
 * memory.
 *
 * <p>The lifetime of a tensor extends from its first to its last step. A tensor that the forward
 * pass leaves for the backward pass is never released, because there may be several backward
 * passes; nor is a tensor that the rest of an input gradient reads from other steps, because the
 * rest may run several times.
 */
final class MemoryPlan {

  private static final long ALIGNMENT = 64;

  private static final class Life {
    private final Buffer buffer;
    private final long bytes;
    private final int first;
    private int last;

    Life(Buffer buffer, int first) {
      this.buffer = buffer;
      this.bytes = (buffer.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      this.first = first;
      this.last = first;
    }

    long end() {
      return buffer.offset() + bytes;
    }

    /** Returns whether the tensor is used both before a step and from that step on. */
    boolean crosses(int step) {
      return first < step && last >= step;
    }

    boolean meets(Life other) {
      return first <= other.last && other.first <= last;
    }
  }

  private MemoryPlan() {}

  /** Places all arena tensors that the steps use; returns the size of the arena in bytes. */
  static long place(List<Step> steps) {
    List<Life> lives = lives(steps);
    lives.sort(Comparator.comparingLong((Life life) -> life.bytes).reversed());
    List<Life> placed = new ArrayList<>();
    long size = 0;
    for (Life life : lives) {
      life.buffer.moveTo(lowestGap(life, placed));
      placed.add(life);
      size = Math.max(size, life.end());
    }
    return size;
  }

  private static List<Life> lives(List<Step> steps) {
    Map<Buffer, Life> lives = new LinkedHashMap<>();
    int backward = 0;
    int rest = 0;
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).phases().contains(Step.Phase.FORWARD)) {
        backward = i + 1;
      }
      if (!steps.get(i).phases().contains(Step.Phase.INPUT_GRADIENT_REST)) {
        rest = i + 1;
      }
      for (Buffer buffer : steps.get(i).buffers()) {
        if (buffer.place() == Buffer.Place.ARENA) {
          int now = i;
          lives.computeIfAbsent(buffer.memory(), b -> new Life(b, now)).last = i;
        }
      }
    }
    for (Life life : lives.values()) {
      if (life.crosses(backward) || life.crosses(rest)) {
        life.last = steps.size();
      }
    }
    return new ArrayList<>(lives.values());
  }

  private static long lowestGap(Life life, List<Life> placed) {
    List<Life> obstacles =
        placed.stream()
            .filter(life::meets)
            .sorted(Comparator.comparingLong(other -> other.buffer.offset()))
            .toList();
    long at = 0;
    for (Life obstacle : obstacles) {
      if (obstacle.buffer.offset() - at >= life.bytes) {
        return at;
      }
      at = Math.max(at, obstacle.end());
    }
    return at;
  }
}
