/**
 * Runs networks: logits, and the gradients of anything that is a function of logits.
 *
 * <p>{@link org.udge.engine.Engine} is the contract; {@code engine.graph} runs any Deeplearning4j
 * graph on any backend and is always right; {@code engine.onednn} compiles the layers it knows into
 * fused oneDNN primitives and is fast on x86-64 CPUs. What a network computes is told by the nodes
 * of {@code engine.nodes}. {@link org.udge.engine.Logits} holds what comes out, in double
 * precision, with the energies and probabilities that follow from it.
 */
@CheckReturnValue
@NullMarked
package org.udge.engine;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
