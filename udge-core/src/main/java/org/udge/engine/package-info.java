/**
 * Engines that run networks: they compute logits, and the gradients of any function of the logits.
 *
 * <p>{@link org.udge.engine.Engine} is the contract; {@code engine.graph} runs any Deeplearning4j
 * graph on any backend and is the reference; {@code engine.onednn} compiles the layers that it
 * supports into fused oneDNN primitives and is fast on x86-64 CPUs. The nodes of {@code
 * engine.nodes} describe what a network computes. {@link org.udge.engine.Logits} holds the output
 * in double precision, with the energies and probabilities derived from it.
 */
@CheckReturnValue
@NullMarked
package org.udge.engine;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
