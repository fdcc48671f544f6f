/**
 * Randomness that can be named, saved and repeated.
 *
 * <p>{@link org.udge.random.RandomStreams} holds one root seed and hands out {@linkplain
 * org.udge.random.RandomStream streams} by name ("shuffle", "augment", "langevin", ...). Streams of
 * different names are independent, so drawing more from one never changes another. Use {@link
 * org.udge.random.RandomStreams#stream(String, long...)} with counters (epoch, batch, step) where a
 * draw should depend on its position only: then nothing needs saving.
 *
 * <p>Nothing here, and nothing else in this library, touches ND4J's global generator.
 */
@CheckReturnValue
@NullMarked
package org.udge.random;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
