/** Image sources for the processes of a cluster. */
@CheckReturnValue
@NullMarked
package org.udge.spark.data;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
