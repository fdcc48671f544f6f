package org.udge.engine.onednn;

/**
 * How a convolution or pooling moves over an image, rows first in each pair.
 *
 * @param kernel size
 * @param stride step
 * @param padding zeros added before; ignored where {@code same}
 * @param dilation distance between taps, 1 for dense kernels
 * @param same whether the padding is what makes the output ceil(input / stride)
 */
record Window(int[] kernel, int[] stride, int[] padding, int[] dilation, boolean same) {

  private int reach(int axis) {
    return (kernel[axis] - 1) * dilation[axis] + 1;
  }

  /** Output size along an axis. */
  int output(int axis, int input) {
    return same
        ? (input + stride[axis] - 1) / stride[axis]
        : (input + 2 * padding[axis] - reach(axis)) / stride[axis] + 1;
  }

  private int totalPadding(int axis, int input) {
    return Math.max(0, (output(axis, input) - 1) * stride[axis] + reach(axis) - input);
  }

  /** Zeros before the first row and column. */
  long[] paddingBefore(Shape input) {
    return new long[] {before(0, input.height()), before(1, input.width())};
  }

  /** Zeros after the last row and column. */
  long[] paddingAfter(Shape input) {
    return new long[] {after(0, input.height()), after(1, input.width())};
  }

  private long before(int axis, int input) {
    return same ? totalPadding(axis, input) / 2 : padding[axis];
  }

  private long after(int axis, int input) {
    return same ? totalPadding(axis, input) - totalPadding(axis, input) / 2 : padding[axis];
  }

  /** Steps, as oneDNN wants them. */
  long[] strides() {
    return new long[] {stride[0], stride[1]};
  }

  /** Kernel size, as oneDNN wants it. */
  long[] kernels() {
    return new long[] {kernel[0], kernel[1]};
  }

  /** Gaps between taps: 0 for dense kernels, as oneDNN counts them. */
  long[] gaps() {
    return new long[] {dilation[0] - 1, dilation[1] - 1};
  }

  @Override
  public String toString() {
    return kernel[0] + "x" + kernel[1] + (stride[0] > 1 ? "/" + stride[0] : "");
  }
}
