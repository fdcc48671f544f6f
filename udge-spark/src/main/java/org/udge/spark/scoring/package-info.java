/**
 * Models at work on tables and streams of images: {@link org.udge.spark.scoring.EnergyScorerModel}
 * is a Spark ML transformer that adds classes, probabilities and in-or-out decisions to the rows of
 * a column of images.
 */
@CheckReturnValue
@NullMarked
package org.udge.spark.scoring;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
