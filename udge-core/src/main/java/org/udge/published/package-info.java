/**
 * Behaviors of the program published with the paper that this library does not follow by default,
 * for reproducing its figures exactly. They serve no other purpose: none is enabled by default, and
 * the interfaces that users implement do not refer to them.
 *
 * <p>{@link org.udge.published.PublishedHabit} lists them and states where each is set. Where the
 * program differs in a setting that is useful on its own (the decay of batch normalization's
 * running averages, a queue initialized with noise, draws with replacement), that setting is part
 * of the ordinary API; the design decisions list all differences.
 */
@CheckReturnValue
@NullMarked
package org.udge.published;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
