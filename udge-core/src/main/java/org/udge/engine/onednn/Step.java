package org.udge.engine.onednn;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.dnnl.primitive;

/** One thing a plan does. */
sealed interface Step {

  /** What a step is needed for. */
  enum Phase {
    /** Logits. */
    FORWARD,
    /** The gradient with respect to images. */
    INPUT_GRADIENT,
    /** The gradient with respect to parameters. */
    PARAMETER_GRADIENT,
    /** What is missing for the input gradient after the same parameter gradient. */
    INPUT_GRADIENT_REST
  }

  /** For people: which node, and what of it. */
  String label();

  /** What the step is needed for. */
  Set<Phase> phases();

  /** The tensors it reads or writes. */
  List<Buffer> buffers();

  /** A tensor and its role (a {@code DNNL_ARG_} constant). */
  record Argument(int role, Buffer buffer) {}

  /**
   * Runs a oneDNN primitive.
   *
   * @param code what to run
   * @param implementation oneDNN's name of the code it chose
   * @param operations floating-point operations, where they are worth counting
   * @param convolution the convolution of which this is one direction, if it is
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

  /** Runs Java code over some tensors. */
  record Host(String label, Set<Phase> phases, List<Buffer> buffers, Consumer<Arena> action)
      implements Step {}
}
