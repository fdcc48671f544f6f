package org.udge.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.engine.Engine;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.internal.HostImages;

/**
 * One forward and one backward pass for several groups of images together, or, where groups must
 * not be mixed, one for each.
 */
final class SharedPass implements AutoCloseable {

  /**
   * A group of images.
   *
   * @param images [N, C, H, W]
   * @param mode the mode of the layers
   * @param movesStatistics whether their pass moves running statistics, if it is in training mode
   */
  record Group(INDArray images, Mode mode, boolean movesStatistics) {
    int size() {
      return (int) images.size(0);
    }
  }

  private final List<Group> groups;
  private final List<Pass> passes = new ArrayList<>();
  private final List<Logits> logits = new ArrayList<>();

  /** Runs all groups in one pass; the buffer is that of {@link #joinBuffer}. */
  static SharedPass joined(Engine engine, List<Group> groups, INDArray joinBuffer, long seed) {
    SharedPass shared = new SharedPass(groups);
    Pass pass = engine.forward(join(groups, joinBuffer), Mode.TRAINING, seed);
    shared.passes.add(pass);
    Logits all = Logits.of(pass.logits());
    int first = 0;
    for (Group group : groups) {
      shared.logits.add(all.rows(first, first + group.size()));
      first += group.size();
    }
    return shared;
  }

  /**
   * Runs a separate pass for each group.
   *
   * @param seeds the dropout seeds by group
   */
  static SharedPass separate(Engine engine, List<Group> groups, IntToLongFunction seeds) {
    SharedPass shared = new SharedPass(groups);
    try {
      for (Group group : groups) {
        long seed = seeds.applyAsLong(shared.passes.size());
        Pass pass = engine.forward(group.images, group.mode, seed);
        shared.passes.add(pass);
        shared.logits.add(Logits.of(pass.logits()));
      }
      return shared;
    } catch (RuntimeException e) {
      shared.close();
      throw e;
    }
  }

  private SharedPass(List<Group> groups) {
    this.groups = groups;
  }

  private static INDArray join(List<Group> groups, INDArray buffer) {
    int first = 0;
    for (Group group : groups) {
      HostImages.slice(buffer, first, first + group.size()).assign(group.images);
      first += group.size();
    }
    return buffer;
  }

  /** Returns a buffer in which groups of these sizes can be joined. */
  static INDArray joinBuffer(List<Group> groups) {
    long[] shape = groups.get(0).images.shape().clone();
    shape[0] = groups.stream().mapToInt(Group::size).sum();
    return Nd4j.createUninitialized(DataType.FLOAT, shape);
  }

  Logits logits(int group) {
    return logits.get(group);
  }

  /**
   * Adds parameter gradients, given the gradient with respect to each group's logits.
   *
   * @param move called after each pass in training mode that moves running statistics; the passes
   *     that read these statistics run backward first
   * @param stay called after each other pass in training mode
   */
  void backward(List<double[][]> gradients, Runnable move, Runnable stay) {
    if (passes.size() < groups.size()) {
      double[][] all = gradients.stream().flatMap(Arrays::stream).toArray(double[][]::new);
      passes.get(0).parameterGradient(Logits.of(all).toArray());
      move.run();
      return;
    }
    for (boolean training : new boolean[] {false, true}) {
      for (int i = 0; i < groups.size(); i++) {
        if ((groups.get(i).mode == Mode.TRAINING) == training) {
          passes.get(i).parameterGradient(Logits.of(gradients.get(i)).toArray());
          if (training) {
            (groups.get(i).movesStatistics ? move : stay).run();
          }
        }
      }
    }
  }

  @Override
  public void close() {
    passes.forEach(Pass::close);
  }
}
