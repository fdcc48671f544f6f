/**
 * Adversarial attacks, and accuracy under them.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.robustness.ProjectedGradient} attacks images; {@link
 *       org.udge.evaluation.robustness.RobustnessEvaluator} draws accuracy against epsilon.
 *   <li>{@link org.udge.evaluation.robustness.Refinement} says what a classifier does to images
 *       before it looks at them, {@link org.udge.evaluation.robustness.LangevinRefinement} that it
 *       takes Langevin steps.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation.robustness;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
