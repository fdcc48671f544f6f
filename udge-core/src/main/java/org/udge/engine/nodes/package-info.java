/**
 * What a network computes, told once for all engines: a list of typed nodes.
 *
 * <p>{@link org.udge.engine.nodes.NetworkReader} turns a Deeplearning4j graph into a {@link
 * org.udge.engine.nodes.Network} of {@link org.udge.engine.nodes.Node}s, each with the places of
 * its parameters in the graph's flat array, its formula, and the {@linkplain
 * org.udge.engine.nodes.Node#output shape} of what it puts out. Nodes say what is computed, never
 * how: each function has a node of its own, nothing is fused, and no layout of memory is meant. An
 * engine that runs networks node by node needs an implementation of every kind of node.
 */
@CheckReturnValue
@NullMarked
package org.udge.engine.nodes;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
