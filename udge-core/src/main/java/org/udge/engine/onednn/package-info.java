/**
 * The fast engine on x86-64 CPUs: compiles a network into fused oneDNN primitives.
 *
 * <p>{@link org.udge.engine.onednn.OneDnnEngine} is what users see. Compilation has visible stages,
 * each a small class: the typed nodes of {@code engine.nodes} are fused ({@code Fusion}), and for
 * every batch size the fused nodes become a plan of primitives over one block of memory ({@code
 * PlanBuilder}, {@code MemoryPlan}). Weights are packed once per version of the parameters ({@code
 * PackedWeights}); a pass leases an {@code Arena}, the memory of one run.
 */
@CheckReturnValue
@NullMarked
package org.udge.engine.onednn;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
