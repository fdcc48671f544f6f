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

    private final long baseRound;

    /**
     * A lineage that begins.
     *
     * @param baseRound whose files it begins with; 0: none
     */
    Lineage(JavaRDD<WorkerRound> base, long baseRound) {
      persisted.add(base);
      this.baseRound = baseRound;
    }

    long baseRound() {
      return baseRound;
    }

    /** Parameters of earlier rounds stay with the driver: executors need them after a loss only. */
    void add(JavaRDD<WorkerRound> rounds, Broadcast<float[]> from) {
      if (!parameters.isEmpty()) {
        parameters.get(parameters.size() - 1).unpersist(false);
      }
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
