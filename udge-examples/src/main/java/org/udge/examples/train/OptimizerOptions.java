package org.udge.examples.train;

import java.util.List;
import org.udge.examples.cli.Numbers;
import org.udge.training.LearningRate;
import org.udge.training.Optimizer;
import picocli.CommandLine.Option;

/** How parameters move. */
final class OptimizerOptions {

  private static final double MOMENTUM = 0.9;

  /** The rules there are. */
  enum Rule {
    ADAM,
    SGD
  }

  @Option(
      names = "--optimizer",
      defaultValue = "adam",
      description =
          "adam (betas .9 and .999) or sgd (momentum .9). The paper takes adam with lr 1e-4 for"
              + " energy models, sgd with lr .1 for the best accuracy. Default: ${DEFAULT-VALUE}.")
  Rule optimizer;

  @Option(
      names = "--lr",
      defaultValue = "1e-4",
      converter = Numbers.Rate.class,
      description = "Learning rate. Default: ${DEFAULT-VALUE}.")
  double learningRate;

  @Option(
      names = "--weight_decay",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description = "Factor of the parameters added to their gradient. Default: ${DEFAULT-VALUE}.")
  double weightDecay;

  @Option(
      names = "--warmup_iters",
      defaultValue = "-1",
      converter = Numbers.AtLeastMinusOne.class,
      description =
          "Steps over which the rate rises from 0 to --lr; -1 or 0: none. The paper takes 1000 for"
              + " energy models. Default: ${DEFAULT-VALUE}.")
  int warmUpSteps;

  @Option(
      names = "--decay_epochs",
      defaultValue = "160,180",
      split = ",",
      arity = "1..*",
      converter = Numbers.AtLeastZero.class,
      description =
          "Epochs, counted from 0, at whose start the rate is multiplied by --decay_rate. Default:"
              + " ${DEFAULT-VALUE}.")
  List<Integer> decayEpochs;

  @Option(
      names = "--decay_rate",
      defaultValue = "0.3",
      converter = Numbers.Positive.class,
      description = "Factor of the rate at --decay_epochs. Default: ${DEFAULT-VALUE}.")
  double decayRate;

  @Option(
      names = "--n_epochs",
      defaultValue = "200",
      converter = Numbers.AtLeastOne.class,
      description = "Rounds through the training images. Default: ${DEFAULT-VALUE}.")
  int epochs;

  @Option(
      names = "--clf_only",
      description = "Train the last layer only and leave the others as they are.")
  boolean classifierOnly;

  @Option(
      names = "--sharpness_radius",
      converter = Numbers.Positive.class,
      description =
          "Take gradients where the loss within this radius is largest (sharpness-aware, 0.05 in the"
              + " literature): more stable joint training at twice the cost of gradients. Default:"
              + " off.")
  Double sharpnessRadius;

  Optimizer optimizer() {
    return switch (optimizer) {
      case ADAM -> Optimizer.adam().withWeightDecay(weightDecay);
      case SGD -> Optimizer.sgd().withMomentum(MOMENTUM).withWeightDecay(weightDecay);
    };
  }

  LearningRate schedule() {
    long warmUp = Math.max(0, warmUpSteps);
    LearningRate rate = LearningRate.constant(learningRate).withWarmUp(warmUp);
    return rate.withDecay(decayRate, decayEpochs.stream().mapToLong(Integer::longValue).toArray());
  }
}
