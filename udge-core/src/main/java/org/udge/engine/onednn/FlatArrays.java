package org.udge.engine.onednn;

/**
 * The addresses of the flat arrays of a graph.
 *
 * @param parameters the address of the parameters
 * @param gradients the address of the gradient view
 */
record FlatArrays(long parameters, long gradients) {}
