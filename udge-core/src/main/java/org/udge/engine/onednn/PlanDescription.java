package org.udge.engine.onednn;

import java.util.Comparator;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.dnnl_blocking_desc_t;
import org.bytedeco.dnnl.dnnl_memory_desc_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.PointerScope;

/** Formats human-readable descriptions of plans. */
final class PlanDescription {

  private PlanDescription() {}

  /** Returns one line for the memory and one for every step. */
  static String of(Plan plan) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "  memory of a pass: %.1f MiB and %.1f MiB of scratch%n",
            plan.arenaBytes() / 1048576.0,
            plan.scratchBytes() / 1048576.0));
    for (Step step : plan.steps()) {
      text.append("  ").append(step.label());
      if (step instanceof Step.Native call) {
        text.append(" [").append(call.implementation()).append(']');
      }
      StringJoiner buffers = new StringJoiner("; ", " (", ")");
      step.buffers().forEach(buffer -> buffers.add(buffer.name() + " " + layout(buffer)));
      text.append(buffers).append('\n');
    }
    return text.toString();
  }

  /**
   * Returns the sizes, type, order of axes (from slowest to fastest, unless alphabetical) and
   * blocks, for example {@code 64x16x32x32 f32 blocks 16b} or {@code 64x3x32x32 f32 order acdb}.
   */
  static String layout(Buffer buffer) {
    PointerScope temporaries = NativeScope.temporaries();
    try {
      memory.desc descriptor = buffer.descriptor();
      dnnl_memory_desc_t data = descriptor.data();
      StringJoiner sizes = new StringJoiner("x");
      for (int i = 0; i < data.ndims(); i++) {
        sizes.add(Long.toString(data.dims().get(i)));
      }
      StringBuilder text = new StringBuilder(sizes.toString());
      text.append(' ').append(descriptor.data_type());
      if (data.format_kind() == dnnl.dnnl_blocked) {
        dnnl_blocking_desc_t blocking = data.format_desc_blocking();
        String order = order(blocking, data.ndims());
        if (!"abcdefghijkl".startsWith(order)) {
          text.append(" order ").append(order);
        }
        for (int i = 0; i < blocking.inner_nblks(); i++) {
          text.append(i == 0 ? " blocks " : "");
          text.append(blocking.inner_blks().get(i));
          text.append((char) ('a' + blocking.inner_idxs().get(i)));
        }
      }
      return text.toString();
    } finally {
      temporaries.close();
    }
  }

  private static String order(dnnl_blocking_desc_t blocking, int axes) {
    return IntStream.range(0, axes)
        .boxed()
        .sorted(Comparator.comparingLong(axis -> -blocking.strides().get(axis)))
        .map(axis -> Character.toString('a' + axis))
        .collect(Collectors.joining());
  }
}
