/**
 * Randomness that can be named, saved and reproduced.
 *
 * <p>{@link org.udge.random.RandomStreams} holds a single root seed and provides {@linkplain
 * org.udge.random.RandomStream streams} by name ("shuffle", "augment", "langevin", ...). Streams
 * with different names are independent, so drawing more numbers from one never changes another. Use
 * {@link org.udge.random.RandomStreams#stream(String, long...)} with counters (epoch, batch, step)
 * where a draw should depend only on its position: then no state needs to be saved.
 *
 * <p>This library never uses ND4J's global generator.
 */
@CheckReturnValue
@NullMarked
package org.udge.random;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
