/**
 * The description of what a network computes, shared by all engines: a list of typed nodes.
 *
 * <p>{@link org.udge.engine.nodes.NetworkReader} converts a Deeplearning4j graph to a {@link
 * org.udge.engine.nodes.Network} of {@link org.udge.engine.nodes.Node}s, each with the locations of
 * its parameters in the graph's flat array, its formula, and the {@linkplain
 * org.udge.engine.nodes.Node#output shape} of its output. Nodes specify what is computed, not how:
 * each function has its own node, nothing is fused, and no memory layout is implied. An engine that
 * runs networks node by node must implement every kind of node.
 */
@CheckReturnValue
@NullMarked
package org.udge.engine.nodes;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
