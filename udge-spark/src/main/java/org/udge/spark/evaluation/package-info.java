/**
 * Evaluation of models over images that many machines read: {@link
 * org.udge.spark.evaluation.SparkEvaluation} uses the evaluators of {@code org.udge.evaluation} and
 * returns the same report.
 */
@CheckReturnValue
@NullMarked
package org.udge.spark.evaluation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
