/**
 * Files of other programs.
 *
 * <p>{@link org.udge.interop.PyTorchCheckpoint} reads what {@code torch.save} wrote, without
 * running code from it. {@link org.udge.interop.NpyFile} reads NumPy arrays, whole or a few rows at
 * a time; {@link org.udge.interop.NpyWriter} writes them row by row. Both give {@link
 * org.udge.interop.Tensor}s. {@link org.udge.interop.SafeTensors} reads and writes files of named
 * tensors. {@link org.udge.interop.PyTorchWideResNet} makes a network of a checkpoint of the
 * published programs, and gives a network's parameters under their names.
 */
@CheckReturnValue
@NullMarked
package org.udge.interop;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
