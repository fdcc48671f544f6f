/**
 * Adversarial attacks, and accuracy under them.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.evaluation.robustness.ProjectedGradient} attacks images; {@link
 *       org.udge.evaluation.robustness.RobustnessEvaluator} computes accuracy as a function of
 *       epsilon.
 *   <li>{@link org.udge.evaluation.robustness.Refinement} describes the refinement of images before
 *       classification, {@link org.udge.evaluation.robustness.LangevinRefinement} a refinement by
 *       Langevin steps.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.evaluation.robustness;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
