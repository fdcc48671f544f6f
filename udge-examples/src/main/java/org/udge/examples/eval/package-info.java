/**
 * The {@code eval} command: classification, calibration, out-of-distribution detection, samples.
 */
package org.udge.examples.eval;
