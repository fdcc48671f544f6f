package org.udge.engine.nodes;

import org.udge.data.ImageShape;

/**
 * How a convolution or pooling moves over an image. Immutable and thread-safe.
 *
 * @param rows how it moves down
 * @param columns how it moves to the right
 */
public record Window(Axis rows, Axis columns) {

  /**
   * One direction of a window.
   *
   * @param kernel taps, at least 1
   * @param stride step, at least 1
   * @param padding pixels that are added before the first and after the last one; ignored where
   *     {@code same}
   * @param dilation distance between taps, 1 for dense kernels
   * @param same whether so much is added that the output is ceil(input / stride): one half before,
   *     and, where it is odd, one more after
   */
  public record Axis(int kernel, int stride, int padding, int dilation, boolean same) {

    /**
     * Pixels from the first tap to the last, both included.
     *
     * @return (kernel - 1) dilation + 1
     */
    public int reach() {
      return (kernel - 1) * dilation + 1;
    }

    /**
     * Positions of the window.
     *
     * @param input pixels without padding
     * @return ceil(input / stride) where {@code same}, otherwise floor((input + 2 padding - reach)
     *     / stride) + 1; 0 or less if the window does not fit
     */
    public int output(int input) {
      return same
          ? (input + stride - 1) / stride
          : Math.floorDiv(input + 2 * padding - reach(), stride) + 1;
    }

    /**
     * Positions of a window that may reach beyond the last pixel where it is larger than the image.
     * Deeplearning4j's poolings have one position then, if the window is larger by less than a
     * stride.
     *
     * @param input pixels without padding
     * @return at least 1 where the window fits so; 0 or less if it does not
     */
    public int clipped(int input) {
      int excess = reach() - input - 2 * padding;
      return !same && excess > 0 && excess < stride ? 1 : output(input);
    }

    /**
     * Pixels that a transposed convolution makes.
     *
     * @param input pixels it reads
     * @return input stride where {@code same}, otherwise (input - 1) stride + reach - 2 padding
     */
    public int transposed(int input) {
      return same ? input * stride : (input - 1) * stride + reach() - 2 * padding;
    }

    private int total(int input) {
      return Math.max(0, (output(input) - 1) * stride + reach() - input);
    }

    /**
     * Pixels added before the first.
     *
     * @param input pixels without padding
     * @return at least 0
     */
    public int before(int input) {
      return same ? total(input) / 2 : padding;
    }

    /**
     * Pixels added after the last.
     *
     * @param input pixels without padding
     * @return at least 0, and what a {@linkplain #clipped clipped} window has beyond the last
     *     pixel; some of them no position may reach
     */
    public int after(int input) {
      return same
          ? total(input) - total(input) / 2
          : padding + Math.max(0, reach() - input - 2 * padding);
    }
  }

  /**
   * From pairs, rows first, as Deeplearning4j has them.
   *
   * @param kernel taps
   * @param stride steps
   * @param padding pixels added on either side
   * @param dilation distances between taps
   * @param same whether the padding is what makes the output ceil(input / stride)
   * @return the window
   */
  public static Window of(int[] kernel, int[] stride, int[] padding, int[] dilation, boolean same) {
    return new Window(
        new Axis(kernel[0], stride[0], padding[0], dilation[0], same),
        new Axis(kernel[1], stride[1], padding[1], dilation[1], same));
  }

  /**
   * A dense window without padding that steps by its own size.
   *
   * @param height taps down
   * @param width taps to the right
   * @return the window
   */
  public static Window tiles(int height, int width) {
    return new Window(new Axis(height, height, 0, 1, false), new Axis(width, width, 0, 1, false));
  }

  /**
   * Taps in both directions.
   *
   * @return rows, columns; a new array, as are those of the other methods
   */
  public long[] kernels() {
    return new long[] {rows.kernel, columns.kernel};
  }

  /**
   * Steps in both directions.
   *
   * @return rows, columns
   */
  public long[] strides() {
    return new long[] {rows.stride, columns.stride};
  }

  /**
   * Distances between taps in both directions.
   *
   * @return rows, columns; 1 for dense kernels
   */
  public long[] dilations() {
    return new long[] {rows.dilation, columns.dilation};
  }

  /**
   * Whether there are pixels between taps.
   *
   * @return false for dense kernels
   */
  public boolean isDilated() {
    return rows.dilation != 1 || columns.dilation != 1;
  }

  /**
   * Pixels added above and at the left of an image.
   *
   * @param input the image
   * @return rows, columns
   */
  public long[] paddingBefore(ImageShape input) {
    return new long[] {rows.before(input.height()), columns.before(input.width())};
  }

  /**
   * Pixels added below and at the right of an image.
   *
   * @param input the image
   * @return rows, columns
   */
  public long[] paddingAfter(ImageShape input) {
    return new long[] {rows.after(input.height()), columns.after(input.width())};
  }

  @Override
  public String toString() {
    return rows.kernel + "x" + columns.kernel + (rows.stride > 1 ? "/" + rows.stride : "");
  }
}
