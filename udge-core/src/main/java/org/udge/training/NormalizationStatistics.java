package org.udge.training;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.udge.engine.BatchStatistics;
import org.udge.engine.Engine;
import org.udge.engine.Mode;
import org.udge.engine.Pass;

/**
 * Computes running statistics of a graph's batch normalizations as plain means over batches.
 *
 * <p>A pass in training mode leaves in the gradient view the amount by which running statistics r
 * move: r - (d r + (1 - d) batch) = (1 - d) (r - batch). The statistics of the batch are therefore
 * r - move / (1 - d).
 */
final class NormalizationStatistics {

  /** One statistic of one layer. */
  private static final class Statistic {
    private final INDArray value;
    private final INDArray move;
    private final double decay;

    /** Whether the value is the decimal logarithm of a standard deviation. */
    private final boolean logarithmic;

    private final INDArray sum;

    Statistic(INDArray value, INDArray move, double decay, boolean logarithmic) {
      this.value = value;
      this.move = move;
      this.decay = decay;
      this.logarithmic = logarithmic;
      this.sum = Nd4j.zeros(DataType.DOUBLE, value.length());
    }

    private INDArray linear(INDArray numbers) {
      INDArray flat = numbers.castTo(DataType.DOUBLE).reshape(numbers.length());
      return logarithmic ? Transforms.exp(flat.mul(2 * Math.log(10)), false) : flat;
    }

    void add() {
      INDArray before = linear(value);
      INDArray after = linear(value.sub(move));
      sum.addi(before.sub(before.sub(after).divi(1 - decay)));
    }

    void set(int batches) {
      INDArray mean = sum.div(batches);
      INDArray stored = logarithmic ? Transforms.log(mean, false).divi(2 * Math.log(10)) : mean;
      value.assign(stored.castTo(value.dataType()).reshape(value.shape()));
    }
  }

  private final List<Statistic> statistics = new ArrayList<>();
  private int batches;

  private NormalizationStatistics(ComputationGraph graph) {
    for (Layer layer : graph.getLayers()) {
      Layer inner = BatchStatistics.innermost(layer);
      if (!BatchStatistics.isFrozen(layer)
          && inner.conf().getLayer() instanceof BatchNormalization settings) {
        Map<String, INDArray> moves =
            settings
                .initializer()
                .getGradientsFromFlattened(inner.conf(), inner.getGradientsViewArray());
        String spread =
            settings.isUseLogStd()
                ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
                : BatchNormalizationParamInitializer.GLOBAL_VAR;
        for (String name : List.of(BatchNormalizationParamInitializer.GLOBAL_MEAN, spread)) {
          statistics.add(
              new Statistic(
                  inner.getParam(name),
                  requireNonNull(moves.get(name)),
                  settings.getDecay(),
                  settings.isUseLogStd() && name.equals(spread)));
        }
      }
    }
  }

  /** Returns the statistics of a graph; empty if it has no batch normalization that is trained. */
  static Optional<NormalizationStatistics> of(ComputationGraph graph) {
    return BatchStatistics.areUsedBy(graph)
        ? Optional.of(new NormalizationStatistics(graph))
        : Optional.empty();
  }

  /** Adds a batch; the gradient view must be clear, and is not clear afterwards. */
  void add(Engine engine, INDArray images, long dropoutSeed) {
    try (Pass pass = engine.forward(images, Mode.TRAINING, dropoutSeed)) {
      pass.parameterGradient(Nd4j.zeros(DataType.FLOAT, pass.logits().shape()));
      statistics.forEach(Statistic::add);
      batches++;
    }
  }

  /** Sets running statistics to the means over the batches added. */
  void set() {
    statistics.forEach(statistic -> statistic.set(batches));
  }
}
