/**
 * Network architectures as Deeplearning4j configurations.
 *
 * <p>Choose {@link org.udge.network.WideResNet} for images: with {@link org.udge.network.Norm#NONE}
 * it is the network of the paper, whose energies depend on one image alone. {@link
 * org.udge.network.ConvNet} is small enough for tests and examples, {@link org.udge.network.Mlp} is
 * for tabular data. Any network of one's own becomes usable by implementing {@link
 * org.udge.network.Architecture}, which asks for a configuration and little else.
 *
 * <p>Configurations are made of stock layers and end in a stock output layer (softmax, cross
 * entropy), so Deeplearning4j's own evaluation, training, transfer learning and serializer work on
 * them. {@link org.udge.network.Initialization} fills parameters from named random streams.
 */
@CheckReturnValue
@NullMarked
package org.udge.network;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
