package org.udge.examples.train;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Numbers;
import org.udge.training.LearningRate;
import org.udge.training.Optimizer;
import org.udge.training.WeightAveraging;
import picocli.CommandLine.Option;

/** The optimizer and its schedule. */
final class OptimizerOptions {

  private static final double MOMENTUM = 0.9;

  /** The available optimizers. */
  enum Rule {
    ADAM,
    SGD
  }

  /** Learning rate schedules. */
  enum Schedule {
    STEPS,
    COSINE,
    ONE_CYCLE
  }

  @Option(
      names = "--optimizer",
      defaultValue = "adam",
      description =
          "adam (betas .9 and .999) or sgd (momentum .9). The paper uses adam with lr 1e-4 for"
              + " energy models, and sgd with lr .1 for the best accuracy. Default:"
              + " ${DEFAULT-VALUE}.")
  Rule optimizer;

  @Option(
      names = "--lr",
      defaultValue = "1e-4",
      converter = Numbers.Rate.class,
      description = "Learning rate; with --lr_schedule, its maximum. Default: ${DEFAULT-VALUE}.")
  double learningRate;

  @Option(
      names = "--lr_schedule",
      defaultValue = "steps",
      description =
          "Schedule of the rate: steps (--decay_epochs), cosine (half a cosine down to --lr_min)"
              + " or one_cycle (up from a 25th of --lr, then down to nearly 0). Default:"
              + " ${DEFAULT-VALUE}.")
  Schedule schedule;

  @Option(
      names = "--lr_epochs",
      converter = Numbers.AtLeastOne.class,
      description =
          "Length in epochs of cosine and one_cycle; afterwards the rate keeps its last value."
              + " Set it if a run is to be extended later. Default: --n_epochs.")
  Integer scheduleEpochs;

  @Option(
      names = "--lr_min",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description = "Rate at the end of --lr_schedule cosine. Default: ${DEFAULT-VALUE}.")
  double lowestRate;

  @Option(
      names = "--weight_decay",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Weight decay: multiple of the parameters added to their gradient. Default:"
              + " ${DEFAULT-VALUE}.")
  double weightDecay;

  @Option(
      names = "--warmup_iters",
      defaultValue = "-1",
      converter = Numbers.AtLeastMinusOne.class,
      description =
          "Steps over which the rate rises from 0 to --lr; -1 or 0: none. For --lr_schedule"
              + " one_cycle, the length of the rise; -1 or 0: three tenths. The paper uses 1000 for"
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
      description =
          "Factor by which the rate is multiplied at --decay_epochs. Default:"
              + " ${DEFAULT-VALUE}.")
  double decayRate;

  @Option(
      names = "--n_epochs",
      defaultValue = "200",
      converter = Numbers.AtLeastOne.class,
      description = "Number of epochs. Default: ${DEFAULT-VALUE}.")
  int epochs;

  @Option(
      names = "--clf_only",
      description = "Train only the last layer and leave the others unchanged.")
  boolean classifierOnly;

  /** Kinds of parameter averages. */
  enum Average {
    NONE,
    EMA,
    SWA
  }

  @Option(
      names = "--weight_average",
      defaultValue = "none",
      description =
          "Evaluate and save an average of the parameters over training: none, ema (exponential,"
              + " after every update) or swa (mean over ends of epochs). Default:"
              + " ${DEFAULT-VALUE}.")
  Average average;

  @Option(
      names = "--ema_decay",
      defaultValue = "0.999",
      converter = Numbers.FractionBelowOne.class,
      description =
          "Weight of the old average of --weight_average ema after an update. Default:"
              + " ${DEFAULT-VALUE}.")
  double averageDecay;

  @Option(
      names = "--swa_start",
      converter = Numbers.AtLeastZero.class,
      description =
          "First epoch, counted from 0, of --weight_average swa. Default: three quarters of"
              + " --n_epochs. Set it if a run is to be extended later.")
  Integer averageStart;

  @Option(
      names = "--average_bn_batches",
      defaultValue = "50",
      converter = Numbers.AtLeastOne.class,
      description =
          "Batches of training images from which the running statistics of the averaged network are"
              + " computed after each epoch, with --norm batch. Default: ${DEFAULT-VALUE}.")
  int averageBatches;

  @Option(
      names = "--sharpness_radius",
      converter = Numbers.Positive.class,
      description =
          "Compute gradients where the loss within this radius is largest (sharpness-aware"
              + " minimization, 0.05 in the literature): more stable joint training at twice the"
              + " cost"
              + " of gradients. Default:"
              + " off.")
  Double sharpnessRadius;

  Optimizer optimizer() {
    return switch (optimizer) {
      case ADAM -> Optimizer.adam().withWeightDecay(weightDecay);
      case SGD -> Optimizer.sgd().withMomentum(MOMENTUM).withWeightDecay(weightDecay);
    };
  }

  /** A complaint about the options, if any; {@code given} tells whether a flag was given. */
  Optional<String> complaint(Predicate<String> given) {
    if (given.test("--ema_decay") && average != Average.EMA) {
      return Optional.of("--ema_decay belongs to --weight_average ema, which was not given");
    }
    if (given.test("--swa_start") && average != Average.SWA) {
      return Optional.of("--swa_start belongs to --weight_average swa, which was not given");
    }
    if (given.test("--average_bn_batches") && average == Average.NONE) {
      return Optional.of("--average_bn_batches belongs to --weight_average, which was not given");
    }
    return scheduleComplaint(given);
  }

  /** The average to evaluate and save. */
  Optional<WeightAveraging> averaging() {
    return switch (average) {
      case NONE -> Optional.empty();
      case EMA ->
          Optional.of(
              WeightAveraging.exponential(averageDecay).withStatisticsBatches(averageBatches));
      case SWA ->
          Optional.of(
              WeightAveraging.stochastic(averageStart == null ? epochs * 3L / 4 : averageStart)
                  .withStatisticsBatches(averageBatches));
    };
  }

  private Optional<String> scheduleComplaint(Predicate<String> given) {
    boolean steps = schedule == Schedule.STEPS;
    List<String> vain =
        steps ? List.of("--lr_epochs", "--lr_min") : List.of("--decay_epochs", "--decay_rate");
    for (String flag : vain) {
      if (given.test(flag)) {
        return Optional.of(
            flag
                + (steps
                    ? " belongs to --lr_schedule cosine or one_cycle, which was not given"
                    : " belongs to --lr_schedule steps, which is not " + Choice.text(schedule)));
      }
    }
    if (schedule == Schedule.ONE_CYCLE && given.test("--lr_min")) {
      return Optional.of("--lr_min belongs to --lr_schedule cosine, which is not one_cycle");
    }
    return lowestRate > learningRate
        ? Optional.of(
            String.format(
                Locale.ROOT, "--lr_min must be at most --lr %s, was %s", learningRate, lowestRate))
        : Optional.empty();
  }

  /**
   * The learning rate of a run.
   *
   * @param perEpoch number of updates per epoch
   * @throws IllegalArgumentException if the warm-up is not shorter than the schedule
   */
  LearningRate schedule(int perEpoch) {
    long warmUp = Math.max(0, warmUpSteps);
    long updates = (long) perEpoch * (scheduleEpochs == null ? epochs : scheduleEpochs);
    LearningRate rate =
        switch (schedule) {
          case STEPS ->
              LearningRate.constant(learningRate)
                  .withDecay(
                      decayRate, decayEpochs.stream().mapToLong(Integer::longValue).toArray());
          case COSINE -> LearningRate.cosine(learningRate, updates).withFloor(lowestRate);
          case ONE_CYCLE -> LearningRate.oneCycle(learningRate, updates);
        };
    return rate.withWarmUp(warmUp);
  }
}
