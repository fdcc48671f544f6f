/**
 * Shared by scoring, evaluation and training. Not for use elsewhere: it may change in every
 * release.
 */
@CheckReturnValue
@NullMarked
package org.udge.spark.internal;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
