/**
 * Training on many machines, in synchronous rounds of Apache Spark.
 *
 * <p>{@link org.udge.spark.training.SparkTraining} has all settings; {@link
 * org.udge.spark.training.LocalTraining} defines how a worker trains between two exchanges of
 * parameters, and {@link org.udge.spark.training.OuterOptimizer} how they are combined. Data are an
 * {@link org.udge.spark.data.ImageSourceFactory} with a {@link org.udge.spark.training.BatchMaker},
 * a {@link org.udge.spark.training.ShardFactory}, or a distributed set of {@link
 * org.udge.spark.training.Example}s.
 */
@CheckReturnValue
@NullMarked
package org.udge.spark.training;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
