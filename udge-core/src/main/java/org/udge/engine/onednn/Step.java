package org.udge.engine.onednn;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.dnnl.primitive;

/** One step of a plan. */
sealed interface Step {

  /** The phases for which a step may be needed. */
  enum Phase {
    /** The logits. */
    FORWARD,
    /** The gradient with respect to images. */
    INPUT_GRADIENT,
    /** The gradient with respect to parameters. */
    PARAMETER_GRADIENT,
    /**
     * The remainder of the input gradient after the parameter gradient for the same logit gradient.
     */
    INPUT_GRADIENT_REST
  }

  /** Returns a human-readable label: the node and the operation. */
  String label();

  /** Returns the phases for which the step is needed. */
  Set<Phase> phases();

  /** Returns the tensors that the step reads or writes. */
  List<Buffer> buffers();

  /** A tensor and its role (a {@code DNNL_ARG_} constant). */
  record Argument(int role, Buffer buffer) {}

  /**
   * A step that runs a oneDNN primitive.
   *
   * @param code the primitive to run
   * @param implementation oneDNN's name of the chosen implementation
   * @param operations the number of floating-point operations, 0 if not counted
   * @param convolution the convolution of which this step is one direction, if any
   */
  record Native(
      String label,
      Set<Phase> phases,
      primitive code,
      List<Argument> arguments,
      long scratchBytes,
      String implementation,
      long operations,
      Optional<ConvolutionProblem> convolution)
      implements Step {
    @Override
    public List<Buffer> buffers() {
      return arguments.stream().map(Argument::buffer).toList();
    }
  }

  /** A step that runs Java code on some tensors. */
  record Host(String label, Set<Phase> phases, List<Buffer> buffers, Consumer<Arena> action)
      implements Step {}
}
