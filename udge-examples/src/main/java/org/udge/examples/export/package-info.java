/** The command {@code export}: a model's parameters, for PyTorch and NumPy. */
package org.udge.examples.export;
