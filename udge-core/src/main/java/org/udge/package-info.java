/**
 * Energy-based classifiers: the types that applications use directly.
 *
 * <p>The logits f(x) of a classifier define a joint energy E(x, y) = -f(x)[y]. Start with {@code
 * EnergyModel}; train it with {@code org.udge.training} and evaluate it with {@code
 * org.udge.evaluation}. Evaluation and serving need less, only a {@code Classifier}: logits from
 * any source.
 *
 * <p>{@code EnergyModel.load} reads model files, including those from untrusted sources; {@code
 * ModelLoader} reads those with custom layers.
 */
@CheckReturnValue
@NullMarked
package org.udge;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
