/**
 * ONNX files: models written for other runtimes, and classifiers of other frameworks judged and
 * served.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.onnx.OnnxExporter} writes an {@code EnergyModel}: logits and features,
 *       classes, range of pixels, calibration, thresholds. Needs no ONNX Runtime.
 *   <li>{@link org.udge.onnx.OnnxClassifier} is a classifier in an ONNX file: evaluators,
 *       calibrators, out-of-distribution scores of logits and features, and {@code EnergyScorer}
 *       take it. ONNX Runtime runs it.
 *   <li>{@link org.udge.onnx.OnnxLoader} reads those whose files do not say enough: which output
 *       holds the logits, how large images are.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.onnx;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
