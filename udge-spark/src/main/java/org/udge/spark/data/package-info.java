/** How the processes of a cluster come by their images. */
@CheckReturnValue
@NullMarked
package org.udge.spark.data;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
