/**
 * Models judged over images that lie on many machines: {@link
 * org.udge.spark.evaluation.SparkEvaluation} takes the evaluators of {@code org.udge.evaluation}
 * and gives the same report.
 */
@CheckReturnValue
@NullMarked
package org.udge.spark.evaluation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
