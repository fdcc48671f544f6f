/** Models that score columns of images on Apache Spark. */
@CheckReturnValue
@NullMarked
package org.udge.spark.scoring;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
