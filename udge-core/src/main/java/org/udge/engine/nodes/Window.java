package org.udge.engine.nodes;

import org.udge.data.ImageShape;

/**
 * The window of a convolution or pooling, which moves over an image. Immutable and thread-safe.
 *
 * @param rows the vertical axis
 * @param columns the horizontal axis
 */
public record Window(Axis rows, Axis columns) {

  /**
   * One axis of a window.
   *
   * @param kernel the number of taps, at least 1
   * @param stride the stride, at least 1
   * @param padding the number of pixels added before the first and after the last pixel; ignored if
   *     {@code same}
   * @param dilation the distance between taps, 1 for dense kernels
   * @param same whether the padding is chosen so that the output is ceil(input / stride): half of
   *     it before, and, if it is odd, one more pixel after
   */
  public record Axis(int kernel, int stride, int padding, int dilation, boolean same) {

    /**
     * Returns the number of pixels from the first tap to the last, inclusive.
     *
     * @return (kernel - 1) dilation + 1
     */
    public int reach() {
      return (kernel - 1) * dilation + 1;
    }

    /**
     * Returns the number of positions of the window.
     *
     * @param input the number of input pixels, without padding
     * @return ceil(input / stride) if {@code same}, otherwise floor((input + 2 padding - reach) /
     *     stride) + 1; 0 or less if the window does not fit
     */
    public int output(int input) {
      return same
          ? (input + stride - 1) / stride
          : Math.floorDiv(input + 2 * padding - reach(), stride) + 1;
    }

    /**
     * Returns the number of positions of a window that may extend beyond the last pixel if it is
     * larger than the image. Deeplearning4j's pooling layers then have one position, provided that
     * the window exceeds the image by less than a stride.
     *
     * @param input the number of input pixels, without padding
     * @return at least 1 if the window fits in this way; otherwise 0 or less
     */
    public int clipped(int input) {
      int excess = reach() - input - 2 * padding;
      return !same && excess > 0 && excess < stride ? 1 : output(input);
    }

    /**
     * Returns the number of output pixels of a transposed convolution.
     *
     * @param input the number of input pixels
     * @return input stride if {@code same}, otherwise (input - 1) stride + reach - 2 padding
     */
    public int transposed(int input) {
      return same ? input * stride : (input - 1) * stride + reach() - 2 * padding;
    }

    private int total(int input) {
      return Math.max(0, (output(input) - 1) * stride + reach() - input);
    }

    /**
     * Returns the number of pixels added before the first.
     *
     * @param input the number of input pixels, without padding
     * @return the number of pixels, at least 0
     */
    public int before(int input) {
      return same ? total(input) / 2 : padding;
    }

    /**
     * Returns the number of pixels added after the last.
     *
     * @param input the number of input pixels, without padding
     * @return the number of pixels, at least 0, including those of a {@linkplain #clipped clipped}
     *     window beyond the last pixel; some of them may not be covered by any position
     */
    public int after(int input) {
      return same
          ? total(input) - total(input) / 2
          : padding + Math.max(0, reach() - input - 2 * padding);
    }
  }

  /**
   * Returns a window given by pairs, rows first, as in Deeplearning4j.
   *
   * @param kernel the numbers of taps
   * @param stride the strides
   * @param padding the numbers of pixels added on either side
   * @param dilation the distances between taps
   * @param same whether the padding is chosen so that the output is ceil(input / stride)
   * @return the window
   */
  public static Window of(int[] kernel, int[] stride, int[] padding, int[] dilation, boolean same) {
    return new Window(
        new Axis(kernel[0], stride[0], padding[0], dilation[0], same),
        new Axis(kernel[1], stride[1], padding[1], dilation[1], same));
  }

  /**
   * Returns a dense window without padding whose stride equals its size.
   *
   * @param height the number of taps along the height
   * @param width the number of taps along the width
   * @return the window
   */
  public static Window tiles(int height, int width) {
    return new Window(new Axis(height, height, 0, 1, false), new Axis(width, width, 0, 1, false));
  }

  /**
   * Returns the numbers of taps along both axes.
   *
   * @return rows, columns; a new array, as in the other methods
   */
  public long[] kernels() {
    return new long[] {rows.kernel, columns.kernel};
  }

  /**
   * Returns the strides along both axes.
   *
   * @return rows, columns
   */
  public long[] strides() {
    return new long[] {rows.stride, columns.stride};
  }

  /**
   * Returns the distances between taps along both axes.
   *
   * @return rows, columns; 1 for dense kernels
   */
  public long[] dilations() {
    return new long[] {rows.dilation, columns.dilation};
  }

  /**
   * Returns whether there are pixels between taps.
   *
   * @return false for dense kernels
   */
  public boolean isDilated() {
    return rows.dilation != 1 || columns.dilation != 1;
  }

  /**
   * Returns the numbers of pixels added above and to the left of an image.
   *
   * @param input the image
   * @return rows, columns
   */
  public long[] paddingBefore(ImageShape input) {
    return new long[] {rows.before(input.height()), columns.before(input.width())};
  }

  /**
   * Returns the numbers of pixels added below and to the right of an image.
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
