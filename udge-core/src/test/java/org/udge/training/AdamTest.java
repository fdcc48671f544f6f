package org.udge.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.network.WideResNet;

/**
 * Expected numbers are of {@code torch.optim.Adam} in float64, PyTorch 1.13: 20 steps with the
 * gradients of {@link #gradient}.
 */
class AdamTest {

  private static final double[] FROM_ZERO = new double[6];
  private static final double[] ELSEWHERE = {.5, -.25, .125, 0, 1, -1};

  /** Tiny gradients: epsilon counts. */
  private static double[] gradient(int step) {
    double[] gradient = new double[6];
    for (int k = 1; k <= 3; k++) {
      gradient[k - 1] = 1e-6 * (1 + .1 * ((step * k) % 7 - 3));
    }
    gradient[3] = 1e-8;
    gradient[4] = -3e-9 * (step % 3 - .5);
    return gradient;
  }

  /** Parameters after 20 steps; a rate of 0 in the first, if warm-up is to begin so. */
  private static double[] after20Steps(Adam adam, double[] start, double firstRate) {
    try (EnergyModel model =
        EnergyModel.builder(WideResNet.of(10, 1))
            .shape(TinyData.SHAPE)
            .classes(TinyData.CLASSES)
            .engine(EngineSettings.of(EngineChoice.GRAPH))
            .build()) {
      ParameterUpdate update = adam.begin(model.graph());
      INDArray parameters = model.graph().params();
      INDArray gradients = model.graph().getGradientsViewArray();
      parameters.assign(row(start, parameters.length()).reshape(parameters.shape()));
      for (int step = 0; step < 20; step++) {
        gradients.assign(row(gradient(step), gradients.length()).reshape(gradients.shape()));
        update.apply(step == 0 ? firstRate : 1e-3, 1, step, 0);
      }
      return Arrays.copyOf(parameters.dup().data().asDouble(), start.length);
    }
  }

  private static INDArray row(double[] first, long length) {
    return Nd4j.createFromArray(Arrays.copyOf(first, (int) length)).castTo(Nd4j.dataType());
  }

  private static void assertMovesLike(double[] expected, double[] found, double[] start) {
    for (int i = 0; i < expected.length; i++) {
      double move = Math.abs(expected[i] - start[i]);
      assertThat(found[i]).as("parameter %d", i).isCloseTo(expected[i], within(2e-5 * move + 1e-7));
    }
  }

  @Test
  void tiny_gradients_move_parameters_as_in_pytorch() {
    double[] expected = {
      -0.019764770799621606,
      -0.019600609775372868,
      -0.01952386688919785,
      -0.009999999999999997,
      0.001806842275624428,
      0
    };
    assertMovesLike(expected, after20Steps(Optimizer.adam(), FROM_ZERO, 1e-3), FROM_ZERO);
  }

  @Test
  void weight_decay_joins_tiny_gradients_as_in_pytorch() {
    double[] expected = {
      0.4802107096188838,
      -0.26957788967308477,
      0.10546805102824777,
      -0.009819492045820999,
      0.9818829752189113,
      -0.9818451373057886
    };
    Adam decaying = Optimizer.adam().withWeightDecay(1e-7);
    assertMovesLike(expected, after20Steps(decaying, ELSEWHERE, 1e-3), ELSEWHERE);
  }

  @Test
  void a_rate_of_0_moves_nothing_and_remembers_the_gradient_as_in_pytorch() {
    double[] expected = {
      -0.018778855306663858,
      -0.01861469428241512,
      -0.018537951396240104,
      -0.009499999999999996,
      0.0019372770582331237,
      0
    };
    assertMovesLike(expected, after20Steps(Optimizer.adam(), FROM_ZERO, 0), FROM_ZERO);
  }
}
