package org.udge.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.udge.engine.Engine;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.engine.Pass;

/**
 * One forward and one backward pass for several groups of images at once.
 *
 * <p>Networks with batch statistics run a pass for each group instead: statistics of generated
 * images must not mix with those of data.
 */
final class SharedPass implements AutoCloseable {

  /**
   * A group of images.
   *
   * @param images [N, C, H, W]
   * @param mode how layers behave for them
   */
  record Group(INDArray images, Mode mode) {
    int size() {
      return (int) images.size(0);
    }
  }

  private final List<Pass> passes = new ArrayList<>();
  private final List<Logits> logits = new ArrayList<>();

  SharedPass(
      Engine engine,
      List<Group> groups,
      boolean batchStatistics,
      INDArray joinBuffer,
      long dropoutSeed) {
    if (batchStatistics || groups.size() == 1) {
      for (Group group : groups) {
        Pass pass = engine.forward(group.images, group.mode, dropoutSeed);
        passes.add(pass);
        logits.add(Logits.of(pass.logits()));
      }
    } else {
      Pass pass = engine.forward(join(groups, joinBuffer), Mode.TRAINING, dropoutSeed);
      passes.add(pass);
      Logits all = Logits.of(pass.logits());
      int first = 0;
      for (Group group : groups) {
        logits.add(all.rows(first, first + group.size()));
        first += group.size();
      }
    }
  }

  private static INDArray join(List<Group> groups, INDArray buffer) {
    int first = 0;
    for (Group group : groups) {
      rows(buffer, first, first + group.size()).assign(group.images);
      first += group.size();
    }
    return buffer;
  }

  private static INDArray rows(INDArray images, int from, int to) {
    return images.get(
        NDArrayIndex.interval(from, to),
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.all());
  }

  /** A buffer that groups of these sizes can be joined in. */
  static INDArray joinBuffer(List<Group> groups) {
    long[] shape = groups.get(0).images.shape().clone();
    shape[0] = groups.stream().mapToInt(Group::size).sum();
    return Nd4j.createUninitialized(DataType.FLOAT, shape);
  }

  Logits logits(int group) {
    return logits.get(group);
  }

  /** Adds parameter gradients, given the gradient with respect to each group's logits. */
  void backward(List<double[][]> gradients) {
    if (passes.size() == gradients.size()) {
      for (int i = 0; i < gradients.size(); i++) {
        passes.get(i).parameterGradient(Logits.of(gradients.get(i)).toArray());
      }
    } else {
      double[][] all = gradients.stream().flatMap(Arrays::stream).toArray(double[][]::new);
      passes.get(0).parameterGradient(Logits.of(all).toArray());
    }
  }

  @Override
  public void close() {
    passes.forEach(Pass::close);
  }
}
