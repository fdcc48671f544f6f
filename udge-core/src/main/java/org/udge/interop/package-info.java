/**
 * Files of other programs.
 *
 * <p>{@link org.udge.interop.PyTorchCheckpoint} reads files written by {@code torch.save}, without
 * running code from them. {@link org.udge.interop.NpyFile} reads NumPy arrays, completely or a few
 * rows at a time; {@link org.udge.interop.NpyWriter} writes them row by row. Both readers return
 * {@link org.udge.interop.Tensor}s. {@link org.udge.interop.SafeTensors} reads and writes files of
 * named tensors. {@link org.udge.interop.PyTorchWideResNet} creates a network from a checkpoint of
 * the published programs, and returns a network's parameters by the published names.
 */
@CheckReturnValue
@NullMarked
package org.udge.interop;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
