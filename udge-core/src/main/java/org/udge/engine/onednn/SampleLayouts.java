package org.udge.engine.onednn;

import org.bytedeco.dnnl.memory;

/**
 * Static methods for layouts in which every image fills its memory without gaps, so that images can
 * be viewed as rows of numbers, or all their channels as the channels of one image.
 */
final class SampleLayouts {

  private static final int BLOCK = 16;
  private static final int HALF_BLOCK = 8;

  private SampleLayouts() {}

  /** Returns an activation in its own layout if that has no gaps, otherwise converted. */
  static Buffer unpadded(PlanContext context, String name) {
    Buffer buffer = context.value(name);
    long[] dimensions = context.shape(name).batch(context.batch());
    boolean known =
        buffer.hasLayout(like(buffer, dimensions))
            && (!isBlocked(buffer) || wholeBlocks(dimensions));
    return known
        ? buffer
        : context.value(
            name,
            PlanContext.plain(buffer.descriptor().data_type(), dimensions),
            PlanContext.FORWARD);
  }

  private static boolean wholeBlocks(long... dimensions) {
    return dimensions[1] % BLOCK == 0;
  }

  private static boolean isBlocked(Buffer buffer) {
    return buffer.descriptor().data().format_desc_blocking().inner_nblks() > 0;
  }

  /**
   * Returns the number of channels in a block of memory: 8 or 16 in oneDNN's usual layouts, 1 in
   * plain ones.
   */
  static int block(Buffer buffer) {
    var blocking = buffer.descriptor().data().format_desc_blocking();
    boolean channels =
        buffer.descriptor().data().ndims() == 4
            && blocking.inner_nblks() == 1
            && blocking.inner_idxs().get(0) == 1;
    int size = channels ? (int) blocking.inner_blks().get(0) : 1;
    return size == BLOCK || size == HALF_BLOCK ? size : 1;
  }

  /** Returns a layout of images with the given sizes, plain or in blocks of channels. */
  static memory.desc blocked(memory.data_type type, int block, long... dimensions) {
    return switch (block) {
      case BLOCK -> new memory.desc(dimensions, type, memory.format_tag.nChw16c);
      case HALF_BLOCK -> new memory.desc(dimensions, type, memory.format_tag.nChw8c);
      default -> PlanContext.plain(type, dimensions);
    };
  }

  /** Returns a layout with other sizes in the same blocks of channels. */
  static memory.desc resized(Buffer buffer, long... dimensions) {
    return blocked(buffer.descriptor().data_type(), block(buffer), dimensions);
  }

  /**
   * Returns a layout with the same sizes in blocks of 16 channels; empty for anything but images.
   */
  static memory.desc channelBlocks(Buffer buffer) {
    memory.desc own = buffer.descriptor();
    int axes = own.data().ndims();
    if (axes != 4) {
      return new memory.desc();
    }
    long[] dimensions = new long[axes];
    own.dims().get(dimensions);
    return new memory.desc(dimensions, own.data_type(), memory.format_tag.nChw16c);
  }

  /** Returns a layout with other sizes in the same order: plain, or in blocks of 16 channels. */
  static memory.desc like(Buffer buffer, long... dimensions) {
    memory.data_type type = buffer.descriptor().data_type();
    return isBlocked(buffer)
        ? new memory.desc(dimensions, type, memory.format_tag.nChw16c)
        : PlanContext.plain(type, dimensions);
  }
}
