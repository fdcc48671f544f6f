package org.udge.engine.onednn;

import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.primitive;

/** The kinds of steps of a pass. */
public enum StepKind {
  /** Convolution, including the operations fused into it. */
  CONVOLUTION_FORWARD,
  /** Input gradient of a convolution, from its output gradient. */
  CONVOLUTION_INPUT_GRADIENT,
  /** Weight gradient of a convolution, from its output gradient. */
  CONVOLUTION_WEIGHT_GRADIENT,
  /** Fully connected layer, in any direction. */
  DENSE,
  /** Activation functions and sums that are not fused, in any direction. */
  ELEMENT_WISE,
  /** Normalizations, in any direction. */
  NORMALIZATION,
  /** Pooling, in any direction. */
  POOLING,
  /** Transposed convolution, in any direction. */
  DECONVOLUTION,
  /** Repetition of pixels, in any direction. */
  UPSAMPLING,
  /** Copies to another layout or type, and additions to the flat gradient view. */
  REORDER,
  /** Java code. */
  HOST;

  /** Returns the kind of a step. */
  static StepKind of(Step step) {
    if (!(step instanceof Step.Native call)) {
      return HOST;
    }
    primitive code = call.code();
    if (code instanceof convolution_forward) {
      return CONVOLUTION_FORWARD;
    } else if (code instanceof convolution_backward_data) {
      return CONVOLUTION_INPUT_GRADIENT;
    } else if (code instanceof convolution_backward_weights) {
      return CONVOLUTION_WEIGHT_GRADIENT;
    }
    return switch (code.get_kind().value) {
      case dnnl.dnnl_inner_product -> DENSE;
      case dnnl.dnnl_eltwise, dnnl.dnnl_binary, dnnl.dnnl_prelu -> ELEMENT_WISE;
      case dnnl.dnnl_batch_normalization, dnnl.dnnl_layer_normalization, dnnl.dnnl_lrn ->
          NORMALIZATION;
      case dnnl.dnnl_deconvolution -> DECONVOLUTION;
      case dnnl.dnnl_resampling -> UPSAMPLING;
      case dnnl.dnnl_pooling, dnnl.dnnl_pooling_v2 -> POOLING;
      case dnnl.dnnl_reorder -> REORDER;
      default -> throw new AssertionError(call.label());
    };
  }

  /**
   * Returns whether this kind is a convolution, in any direction.
   *
   * @return true for the three kinds of convolution steps
   */
  public boolean isConvolution() {
    return this == CONVOLUTION_FORWARD
        || this == CONVOLUTION_INPUT_GRADIENT
        || this == CONVOLUTION_WEIGHT_GRADIENT;
  }
}
