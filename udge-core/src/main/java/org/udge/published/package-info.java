/**
 * Ways of the program published with the paper that this library does not follow, for those who
 * want to repeat its figures to the letter. Nobody else needs them: none is on by default, and no
 * interface that users implement knows of them.
 *
 * <p>{@link org.udge.published.PublishedHabit} lists them and says who takes each. Where the
 * program differs in a setting that is of use by itself (the decay of batch normalization's running
 * averages, a queue that starts as noise, draws with replacement), that setting is where it
 * belongs; the design decisions list all differences.
 */
@CheckReturnValue
@NullMarked
package org.udge.published;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
