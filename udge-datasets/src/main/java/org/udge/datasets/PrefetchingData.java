package org.udge.datasets;

import static java.util.Objects.checkIndex;
import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.TrainingData;

/**
 * Creates the batches that will be requested next on background threads.
 *
 * <p>After a batch, the next ones in the order of (epoch, index) are expected. Batches are bit for
 * bit the same as without prefetching, because each is a function of its position alone. Requests
 * out of order are allowed and merely discard what was prefetched. An exception on a background
 * thread is thrown to the caller that requests that batch; another request tries again.
 *
 * <p>Thread-safe. Call {@link #close()} to end its threads (which are daemon threads).
 */
public final class PrefetchingData implements TrainingData, AutoCloseable {

  private record Position(long epoch, int index) {}

  private final TrainingData data;
  private final int ahead;
  private final ExecutorService workers;
  private final Map<Position, CompletableFuture<Batch>> pending = new LinkedHashMap<>();
  private boolean closed;

  private PrefetchingData(TrainingData data, int workers, int ahead) {
    this.data = data;
    this.ahead = ahead;
    this.workers =
        Executors.newFixedThreadPool(
            workers,
            new ThreadFactoryBuilder().setNameFormat("udge-prefetch-%d").setDaemon(true).build());
  }

  /**
   * Prefetches two batches for each worker.
   *
   * @param data what makes the batches, on several threads at once; not closed by this
   * @param workers background threads, at least 1
   * @return the same batches, prefetched
   * @throws IllegalArgumentException if there is no worker
   */
  public static PrefetchingData of(TrainingData data, int workers) {
    return of(data, workers, Math.multiplyExact(2, workers));
  }

  /**
   * Prefetches.
   *
   * @param data what makes the batches, on several threads at once; not closed by this
   * @param workers background threads, at least 1
   * @param ahead number of batches to prefetch, at least 1; that many are kept in memory
   * @return the same batches, prefetched
   * @throws IllegalArgumentException if workers or ahead is below 1
   */
  public static PrefetchingData of(TrainingData data, int workers, int ahead) {
    checkArgument(workers > 0, "workers must be at least 1, was %s", workers);
    checkArgument(ahead > 0, "batches to prefetch must be at least 1, was %s", ahead);
    return new PrefetchingData(requireNonNull(data), workers, ahead);
  }

  @Override
  public int batchesPerEpoch() {
    return data.batchesPerEpoch();
  }

  @Override
  public ImageShape shape() {
    return data.shape();
  }

  @Override
  public List<String> classNames() {
    return data.classNames();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IndexOutOfBoundsException if there is no such batch
   * @throws IllegalArgumentException if the epoch is negative
   * @throws IllegalStateException if this is closed
   */
  @Override
  public Batch batch(long epoch, int index) {
    checkArgument(epoch >= 0, "epoch must not be negative, was %s", epoch);
    checkIndex(index, batchesPerEpoch());
    CompletableFuture<Batch> batch = take(new Position(epoch, index));
    try {
      return batch.join();
    } catch (CompletionException e) {
      throw unwrapped(e);
    }
  }

  private synchronized CompletableFuture<Batch> take(Position position) {
    checkState(!closed, "the prefetched data is closed");
    discardUpTo(position);
    CompletableFuture<Batch> batch = pending.remove(position);
    if (batch == null) {
      batch = start(position);
    }
    Position next = position;
    for (int i = 0; i < ahead; i++) {
      next = after(next);
      pending.computeIfAbsent(next, this::start);
    }
    return batch;
  }

  /**
   * Drops everything before the position, or all pending batches if the position is not among them.
   */
  private void discardUpTo(Position position) {
    Iterator<Map.Entry<Position, CompletableFuture<Batch>>> entries = pending.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Position, CompletableFuture<Batch>> entry = entries.next();
      if (entry.getKey().equals(position)) {
        return;
      }
      discard(entry.getValue());
      entries.remove();
    }
  }

  private static void discard(CompletableFuture<Batch> batch) {
    CompletableFuture<Void> unused = batch.thenAccept(Batch::close);
  }

  private CompletableFuture<Batch> start(Position position) {
    return CompletableFuture.supplyAsync(
        () -> data.batch(position.epoch(), position.index()), workers);
  }

  private Position after(Position position) {
    return position.index() + 1 < batchesPerEpoch()
        ? new Position(position.epoch(), position.index() + 1)
        : new Position(position.epoch() + 1, 0);
  }

  private static RuntimeException unwrapped(CompletionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return e.getCause() instanceof RuntimeException cause ? cause : e;
  }

  /**
   * Closes the prefetched batches and ends the background threads, after waiting for batches in
   * progress. Batches that were handed out remain valid. Closing again has no effect.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      pending.values().forEach(PrefetchingData::discard);
      pending.clear();
    }
    workers.shutdown();
    awaitEnd();
  }

  private void awaitEnd() {
    boolean interrupted = Thread.interrupted();
    for (boolean ended = false; !ended; ) {
      try {
        ended = workers.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "PrefetchingData[" + data + "]";
  }
}
