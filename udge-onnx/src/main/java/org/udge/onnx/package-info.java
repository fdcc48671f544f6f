/**
 * ONNX files: export of models to other runtimes, and evaluation and serving of classifiers from
 * other frameworks.
 *
 * <p>Which class to choose:
 *
 * <ul>
 *   <li>{@link org.udge.onnx.OnnxExporter} writes an {@code EnergyModel}: logits and features,
 *       classes, range of pixels, calibration, thresholds. Needs no ONNX Runtime.
 *   <li>{@link org.udge.onnx.OnnxClassifier} is a classifier in an ONNX file: evaluators,
 *       calibrators, out-of-distribution scores of logits and features, and {@code EnergyScorer}
 *       accept it. ONNX Runtime runs it.
 *   <li>{@link org.udge.onnx.OnnxLoader} reads files with incomplete information: which output
 *       holds the logits, how large images are.
 * </ul>
 */
@CheckReturnValue
@NullMarked
package org.udge.onnx;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
