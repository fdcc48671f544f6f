/**
 * Energy-based classifiers: what users hold.
 *
 * <p>A classifier's logits f(x) define a joint energy E(x, y) = -f(x)[y]. Start with {@code
 * EnergyModel}; train it with {@code org.udge.training}, judge it with {@code org.udge.evaluation}.
 */
package org.udge;
