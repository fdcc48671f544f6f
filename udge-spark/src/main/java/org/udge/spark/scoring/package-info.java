/**
 * Scoring of tables and streams of images: {@link org.udge.spark.scoring.EnergyScorerModel} is a
 * Spark ML transformer that adds classes, probabilities and in-distribution decisions to the rows
 * of a table with a column of images.
 */
@CheckReturnValue
@NullMarked
package org.udge.spark.scoring;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
