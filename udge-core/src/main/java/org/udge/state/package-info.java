/**
 * What training remembers, in one form: {@link org.udge.state.State} is a tree of named values that
 * every stateful object can {@linkplain org.udge.state.Stateful#captureState() capture} itself into
 * and restore itself from. Rollback, checkpoints and exact resume are built on it.
 */
@CheckReturnValue
@NullMarked
package org.udge.state;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
