/** Training on many machines, in rounds of Apache Spark. */
@CheckReturnValue
@NullMarked
package org.udge.spark.training;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
