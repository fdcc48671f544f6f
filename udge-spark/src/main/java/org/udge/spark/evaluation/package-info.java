/** Models judged over images that lie on many machines. */
@CheckReturnValue
@NullMarked
package org.udge.spark.evaluation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
