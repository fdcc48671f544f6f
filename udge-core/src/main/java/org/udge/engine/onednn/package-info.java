/**
 * The engine for x86-64 CPUs, which compiles a network into fused oneDNN primitives.
 *
 * <p>{@link org.udge.engine.onednn.OneDnnEngine} is the entry point for users. Compilation has
 * separate stages, each a small class: the typed nodes of {@code engine.nodes} are fused ({@code
 * Fusion}), and for every batch size the fused nodes are compiled into a plan of primitives over
 * one block of memory ({@code PlanBuilder}, {@code MemoryPlan}). Weights are packed once per
 * version of the parameters ({@code PackedWeights}); a pass leases an {@code Arena}, the memory of
 * one run.
 */
@CheckReturnValue
@NullMarked
package org.udge.engine.onednn;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
