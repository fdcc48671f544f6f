package org.udge.spark.training;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * The mean of the workers' parameters: sums in float64, in the order of the workers, regardless of
 * which finishes first. Spark's own {@code treeAggregate} adds in the order in which results
 * arrive, so two runs would differ in their last bits.
 *
 * <p>Small parameter vectors are summed by the driver. Large ones are cut into one slice per
 * worker: a shuffle brings the same slice of all workers together, each task averages one, and the
 * driver receives only the mean. Both ways give the same bits.
 */
final class ParameterMean {

  /** A slice of a worker's parameters. */
  @DefaultSerializer(JavaSerializer.class)
  @SuppressWarnings("ArrayRecordComponent") // moved, never compared
  record Piece(int worker, float[] values) implements Serializable {}

  private ParameterMean() {}

  static float[] of(List<float[]> workers) {
    float[] first = workers.get(0);
    if (workers.size() == 1) {
      return first;
    }
    double[] sums = new double[first.length];
    for (float[] values : workers) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += values[i];
      }
    }
    float[] mean = new float[sums.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sums[i] / workers.size());
    }
    return mean;
  }

  /** The mean over a completed round. */
  static float[] bySlices(JavaRDD<WorkerRound> round, int workers, int parameters) {
    JavaPairRDD<Integer, Iterable<Piece>> slices =
        round
            .flatMapToPair(
                worker -> {
                  float[] all = worker.outcome().parameters();
                  List<Tuple2<Integer, Piece>> pieces = new ArrayList<>();
                  for (int slice = 0; slice < workers; slice++) {
                    pieces.add(
                        new Tuple2<>(
                            slice,
                            new Piece(
                                worker.worker(),
                                Arrays.copyOfRange(
                                    all,
                                    start(slice, workers, parameters),
                                    start(slice + 1, workers, parameters)))));
                  }
                  return pieces.iterator();
                })
            .groupByKey(new HashPartitioner(workers));
    float[] mean = new float[parameters];
    slices
        .mapValues(ParameterMean::ofPieces)
        .collect()
        .forEach(
            slice ->
                System.arraycopy(
                    slice._2(),
                    0,
                    mean,
                    start(slice._1(), workers, parameters),
                    slice._2().length));
    return mean;
  }

  private static float[] ofPieces(Iterable<Piece> pieces) {
    List<Piece> inOrder = new ArrayList<>();
    pieces.forEach(inOrder::add);
    Collections.sort(inOrder, Comparator.comparingInt(Piece::worker));
    return of(inOrder.stream().map(Piece::values).toList());
  }

  private static int start(int slice, int slices, int parameters) {
    return (int) ((long) slice * parameters / slices);
  }
}
