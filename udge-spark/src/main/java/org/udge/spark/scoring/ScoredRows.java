package org.udge.spark.scoring;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.serving.EnergyScorer;
import org.udge.serving.ScoredImage;
import org.udge.spark.internal.Executor;
import org.udge.spark.internal.ExecutorModels;
import org.udge.spark.internal.ImageColumn;

/**
 * The rows of a partition with the model's results, in order, scored batch by batch: at most one
 * batch is in memory. The model is borrowed when the first row is requested, and returned after the
 * last row or with the end of the task.
 */
final class ScoredRows implements Iterator<Row> {

  /** A row, and the error of its image, if any. */
  private record Read(Row row, Optional<String> problem) {}

  private final PartitionScorer settings;
  private final Iterator<Row> rows;
  private final Deque<Row> ready = new ArrayDeque<>();
  private ExecutorModels.@Nullable Lease lease;

  ScoredRows(PartitionScorer settings, Iterator<Row> rows) {
    this.settings = settings;
    this.rows = rows;
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && rows.hasNext()) {
      scoreBatch(model());
    }
    if (ready.isEmpty() && lease != null) {
      lease.close();
    }
    return !ready.isEmpty();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private EnergyModel model() {
    ExecutorModels.Lease taken = lease;
    if (taken == null) {
      taken = settings.model().take();
      lease = taken;
      ExecutorModels.Lease lent = taken;
      TaskContext task = TaskContext.get();
      if (task != null) {
        TaskContext unused =
            task.addTaskCompletionListener((TaskCompletionListener) ended -> lent.close());
      }
    }
    return taken.model();
  }

  private void scoreBatch(EnergyModel model) {
    int size = model.shape().size();
    float[] pixels = new float[Math.multiplyExact(settings.batchSize(), size)];
    List<Read> batch = new ArrayList<>();
    int images = 0;
    while (images < settings.batchSize()
        && rows.hasNext()
        && batch.size() < 2 * settings.batchSize()) {
      Row row = rows.next();
      Optional<String> problem = read(row, model, pixels, images * size);
      if (problem.isEmpty()) {
        images++;
      }
      if (problem.isEmpty() || settings.invalid() == InvalidImages.KEEP) {
        batch.add(new Read(row, problem));
      }
    }
    Iterator<ScoredImage> scored = score(model, pixels, images).iterator();
    Calibration calibration = model.calibration().orElse(null);
    for (Read each : batch) {
      ready.add(
          with(
              each.row,
              each.problem.isPresent()
                  ? settings.output().values(each.problem.get())
                  : settings.output().values(scored.next(), calibration)));
    }
  }

  private Optional<String> read(Row row, EnergyModel model, float[] pixels, int offset) {
    try {
      settings.input().read(row, model, pixels, offset);
      return Optional.empty();
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (settings.invalid() == InvalidImages.ERROR) {
        throw Executor.failure(
            message
                + " (handleInvalid 'keep' gives such rows nulls and the reason, 'skip' leaves"
                + " them out)",
            e);
      }
      return Optional.of(message);
    }
  }

  private List<ScoredImage> score(EnergyModel model, float[] pixels, int images) {
    if (images == 0) {
      return List.of();
    }
    EnergyScorer scorer = settings.scorer(model);
    try {
      return scorer.score(ImageColumn.batch(pixels, model.shape(), images));
    } catch (IllegalArgumentException | IllegalStateException | OutOfMemoryError e) {
      throw Executor.failure(
          "cannot score a batch of "
              + images
              + " images: "
              + e.getMessage()
              + (e instanceof OutOfMemoryError
                  ? ". Raise spark.executor.memoryOverhead, or take smaller batches (batchSize)"
                  : ""),
          e);
    }
  }

  private static Row with(Row row, List<@Nullable Object> more) {
    Object[] values = new Object[row.size() + more.size()];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    for (int i = 0; i < more.size(); i++) {
      values[row.size() + i] = more.get(i);
    }
    return RowFactory.create(values);
  }
}
