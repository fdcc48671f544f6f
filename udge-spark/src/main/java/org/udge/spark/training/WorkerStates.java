package org.udge.spark.training;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;

/**
 * The workers' states as a persisted data set, and what it would be recomputed from.
 *
 * @param rounds the data set
 * @param lineage all data sets and parameters since the last one that lies in files
 */
record WorkerStates(JavaRDD<WorkerRound> rounds, Lineage lineage) {

  /** What a checkpoint replaces. Not thread-safe. */
  static final class Lineage {
    private final List<JavaRDD<WorkerRound>> persisted = new ArrayList<>();
    private final List<Broadcast<float[]>> parameters = new ArrayList<>();

    Lineage(JavaRDD<WorkerRound> base) {
      persisted.add(base);
    }

    void add(JavaRDD<WorkerRound> rounds, Broadcast<float[]> from) {
      persisted.add(rounds);
      parameters.add(from);
    }

    /** Frees the memory of all but some data sets; they could be recomputed. */
    void unpersistBut(List<JavaRDD<WorkerRound>> needed) {
      persisted.removeIf(
          rounds -> {
            boolean goes = !needed.contains(rounds);
            if (goes) {
              rounds.unpersist(false);
            }
            return goes;
          });
    }

    /** Nothing will be computed from this any more. */
    void destroy() {
      persisted.forEach(rounds -> rounds.unpersist(false));
      persisted.clear();
      parameters.forEach(values -> values.destroy());
      parameters.clear();
    }
  }
}
