/** Programs for {@code spark-submit}. */
@CheckReturnValue
@NullMarked
package org.udge.spark.commands;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
