package org.udge.spark.training;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;

/**
 * The workers' states as a persisted data set, and the data from which it would be recomputed.
 *
 * @param rounds the data set
 * @param lineage all data sets and parameters since the last one that is in files
 */
record WorkerStates(JavaRDD<WorkerRound> rounds, Lineage lineage) {

  /** The lineage that a checkpoint replaces. Not thread-safe. */
  static final class Lineage {
    private final List<JavaRDD<WorkerRound>> persisted = new ArrayList<>();
    private final List<Broadcast<float[]>> parameters = new ArrayList<>();

    private final long baseRound;

    /**
     * Starts a lineage.
     *
     * @param baseRound the round with whose files it starts; 0: none
     */
    Lineage(JavaRDD<WorkerRound> base, long baseRound) {
      persisted.add(base);
      this.baseRound = baseRound;
    }

    long baseRound() {
      return baseRound;
    }

    /** Parameters of earlier rounds stay on the driver: executors need them only after a loss. */
    void add(JavaRDD<WorkerRound> rounds, Broadcast<float[]> from) {
      if (!parameters.isEmpty()) {
        parameters.get(parameters.size() - 1).unpersist(false);
      }
      persisted.add(rounds);
      parameters.add(from);
    }

    /** Frees the memory of all but some data sets, which could be recomputed. */
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

    /** Closes the lineage: nothing will be computed from it any more. */
    void destroy() {
      persisted.forEach(rounds -> rounds.unpersist(false));
      persisted.clear();
      parameters.forEach(values -> values.destroy());
      parameters.clear();
    }
  }
}
