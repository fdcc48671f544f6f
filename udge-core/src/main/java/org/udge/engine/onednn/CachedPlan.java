package org.udge.engine.onednn;

import java.util.ArrayDeque;
import java.util.Deque;

/** A plan and its arenas, idle and leased. Guarded by the engine's lock. */
final class CachedPlan {

  private final Plan plan;
  private final Deque<Arena> idle = new ArrayDeque<>();
  private int leased;
  private boolean retired;

  CachedPlan(Plan plan) {
    this.plan = plan;
  }

  Plan plan() {
    return plan;
  }

  Arena lease(PackedWeights weights, FlatArrays arrays) {
    Arena arena = idle.poll();
    if (arena != null && !arena.arrays().equals(arrays)) {
      arena.close();
      arena = null;
    }
    if (arena == null) {
      arena = new Arena(plan, weights, arrays);
    }
    leased++;
    return arena;
  }

  void giveBack(Arena arena) {
    leased--;
    idle.push(arena);
    if (retired) {
      free();
    }
  }

  /** Frees all resources as soon as no pass uses them any more. */
  void retire() {
    retired = true;
    free();
  }

  private void free() {
    while (!idle.isEmpty()) {
      idle.poll().close();
    }
    if (leased == 0) {
      plan.close();
    }
  }
}
