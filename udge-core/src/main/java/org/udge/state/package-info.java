/**
 * The state of training in a uniform format: {@link org.udge.state.State} is a tree of named values
 * that every stateful object can {@linkplain org.udge.state.Stateful#captureState() capture} and
 * restore. Rollback, checkpoints and exact resuming are based on it.
 */
@CheckReturnValue
@NullMarked
package org.udge.state;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
