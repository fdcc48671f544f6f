/**
 * Network architectures as Deeplearning4j configurations.
 *
 * <p>{@link org.udge.network.WideResNet} is the choice for images: with {@link
 * org.udge.network.Norm#NONE} it is the network of the paper, in which the energy of an image
 * depends on that image alone. {@link org.udge.network.ConvNet} is small enough for tests and
 * examples, and {@link org.udge.network.Mlp} is for tabular data. Custom networks implement {@link
 * org.udge.network.Architecture}, which requires little more than a configuration.
 *
 * <p>Configurations consist of standard layers and end in a standard output layer (softmax, cross
 * entropy), so Deeplearning4j's evaluation, training, transfer learning and serializer work on
 * them. {@link org.udge.network.Initialization} draws parameters from named random streams.
 */
@CheckReturnValue
@NullMarked
package org.udge.network;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
