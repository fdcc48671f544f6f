package org.udge.engine.onednn;

/**
 * Where a graph's flat arrays are.
 *
 * @param parameters address of the parameters
 * @param gradients address of the gradient view
 */
record FlatArrays(long parameters, long gradients) {}
