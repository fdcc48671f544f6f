/**
 * Energy-based classifiers: what users hold.
 *
 * <p>A classifier's logits f(x) define a joint energy E(x, y) = -f(x)[y]. Start with {@code
 * EnergyModel}; train it with {@code org.udge.training}, judge it with {@code org.udge.evaluation}.
 * What judges and serves asks for less, a {@code Classifier}: logits from wherever they come.
 *
 * <p>{@code EnergyModel.load} reads model files, also those of strangers; {@code ModelLoader} reads
 * those with layers of your own.
 */
@CheckReturnValue
@NullMarked
package org.udge;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
