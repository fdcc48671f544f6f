package org.udge.datasets;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;

/**
 * Batches whose buffers are returned to the pool when they are closed.
 *
 * <p>The pool grows to the largest number of batches that are open at the same time, and is bounded
 * by it. A batch that is never closed is lost to the pool and left to the garbage collector.
 * Thread-safe.
 */
final class BatchPool {

  /** Writes images and labels. */
  @FunctionalInterface
  interface Filler {
    void fill(float[] pixels, int[] labels);
  }

  private final ImageShape shape;
  private final ConcurrentMap<Integer, ConcurrentLinkedQueue<Buffers>> free =
      new ConcurrentHashMap<>();

  BatchPool(ImageShape shape) {
    this.shape = shape;
  }

  Batch batch(int count, Filler filler) {
    ConcurrentLinkedQueue<Buffers> queue =
        free.computeIfAbsent(count, size -> new ConcurrentLinkedQueue<>());
    Buffers pooled = queue.poll();
    Buffers buffers = pooled == null ? new Buffers(shape, count) : pooled;
    filler.fill(buffers.pixels, buffers.labels);
    buffers.copyPixelsToImages();
    AtomicBoolean open = new AtomicBoolean(true);
    return Batch.pooled(
        buffers.images,
        buffers.labels,
        () -> {
          if (open.getAndSet(false)) {
            queue.add(buffers);
          }
        });
  }

  private static final class Buffers {

    final INDArray images;
    final float[] pixels;
    final int[] labels;

    Buffers(ImageShape shape, int count) {
      // Detached: a caller's workspace would take the array back when it closes.
      images = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', shape.batch(count));
      pixels = new float[Math.multiplyExact(shape.size(), count)];
      labels = new int[count];
    }

    void copyPixelsToImages() {
      images.data().asNioFloat().put(pixels);
      Nd4j.getAffinityManager().tagLocation(images, AffinityManager.Location.HOST);
    }
  }
}
