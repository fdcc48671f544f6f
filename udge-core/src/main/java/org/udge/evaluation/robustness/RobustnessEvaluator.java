package org.udge.evaluation.robustness;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.common.primitives.Doubles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.udge.EnergyModel;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Evaluator;
import org.udge.internal.Checks;
import org.udge.internal.DoubleList;
import org.udge.internal.HostImages;
import org.udge.random.RandomStreams;
import org.udge.state.State;

/**
 * Attacks each image with perturbations of increasing size until the model is fooled. Images that
 * fool the model at one size count as such at all larger ones. Needs labels.
 */
public final class RobustnessEvaluator implements Evaluator<RobustnessResult> {

  private final ProjectedGradient attack;
  private final List<Double> epsilons;
  private final RandomStreams streams;
  private final int distanceSteps;

  private RobustnessEvaluator(
      ProjectedGradient attack, List<Double> epsilons, RandomStreams streams, int distanceSteps) {
    requireNonNull(attack);
    requireNonNull(streams);
    checkArgument(!epsilons.isEmpty(), "there must be at least one epsilon");
    for (int i = 0; i < epsilons.size(); i++) {
      checkArgument(
          epsilons.get(i) >= 0 && Double.isFinite(epsilons.get(i)),
          "epsilons must not be negative, were %s",
          epsilons);
      checkArgument(
          i == 0 || epsilons.get(i) > epsilons.get(i - 1),
          "epsilons must be ascending, each only once, were %s",
          epsilons);
    }
    Checks.atLeast(0, "distance steps", distanceSteps);
    this.attack = attack;
    this.epsilons = List.copyOf(epsilons);
    this.streams = streams;
    this.distanceSteps = distanceSteps;
  }

  /**
   * Returns an evaluator of accuracy as a function of the size of adversarial perturbations.
   *
   * @param attack the attack
   * @param streams the source of its random starts
   * @return an evaluator for the unperturbed images and the attack's own epsilon, which can be
   *     changed with {@link #withEpsilons(double...)}
   * @throws IllegalArgumentException if the attack's epsilon is 0
   */
  public static RobustnessEvaluator of(ProjectedGradient attack, RandomStreams streams) {
    return new RobustnessEvaluator(attack, List.of(0.0, attack.epsilon()), streams, 10);
  }

  /**
   * Returns a copy with other sizes.
   *
   * @param sizes the sizes in units of [0, 1] pixels, ascending; default 0 and the attack's own
   * @return a copy
   * @throws IllegalArgumentException if there is no size, or they are negative or not ascending
   */
  public RobustnessEvaluator withEpsilons(double... sizes) {
    return new RobustnessEvaluator(attack, Doubles.asList(sizes), streams, distanceSteps);
  }

  /**
   * Returns a copy with a finer or coarser search for short perturbations.
   *
   * @param halvings the number of bisections, at least 0; default 10
   * @return a copy
   * @throws IllegalArgumentException if it is negative
   */
  public RobustnessEvaluator withDistanceSteps(int halvings) {
    return new RobustnessEvaluator(attack, epsilons, streams, halvings);
  }

  @Override
  public String name() {
    return "robustness_" + attack.norm().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Accumulator<RobustnessResult> begin() {
    return new Curve(this);
  }

  private static final class Curve implements Accumulator<RobustnessResult> {

    private final RobustnessEvaluator settings;
    private final long[] correct;
    private final DoubleList distances = new DoubleList();
    private long batches;

    Curve(RobustnessEvaluator settings) {
      this.settings = settings;
      this.correct = new long[settings.epsilons.size()];
    }

    @Override
    public void update(EvaluationBatch batch) {
      RandomStreams streams = settings.streams.child("batch " + batches++);
      AttackRun.Images images = AttackRun.images(batch.images(), batch.requireLabels());
      double[] shortest = new double[batch.size()];
      Arrays.fill(shortest, Double.POSITIVE_INFINITY);
      EnergyModel model = batch.model("evaluator '" + settings.name() + "'");
      AttackRun clean = new AttackRun(settings.attack, model, streams);
      boolean[] wrong = clean.wrong(images, -1);
      for (int i = 0; i < shortest.length; i++) {
        shortest[i] = wrong[i] ? 0 : shortest[i];
      }
      for (int e = 0; e < correct.length; e++) {
        double epsilon = settings.epsilons.get(e);
        int[] standing =
            IntStream.range(0, shortest.length)
                .filter(i -> Double.isInfinite(shortest[i]))
                .toArray();
        int fallen = 0;
        if (epsilon > 0 && standing.length > 0) {
          AttackRun run =
              new AttackRun(settings.attack.withEpsilon(epsilon), model, streams.child("e" + e));
          fallen = attack(run, images, standing, shortest);
        }
        correct[e] += standing.length - fallen;
      }
      distances.addAll(shortest);
    }

    private int attack(AttackRun run, AttackRun.Images images, int[] standing, double[] shortest) {
      AttackRun.Images some = images.select(standing);
      AdversarialImages found = run.perturb(some.array(), some.labels());
      int[] fooled = IntStream.range(0, standing.length).filter(found::fooled).toArray();
      if (fooled.length > 0) {
        AttackRun.Images moved = some.with(HostImages.copy(found.images()));
        double[] shortened =
            run.closestOnTheWay(some.select(fooled), moved.select(fooled), settings.distanceSteps);
        for (int i = 0; i < fooled.length; i++) {
          shortest[standing[fooled[i]]] = shortened[i];
        }
      }
      return fooled.length;
    }

    @Override
    public void merge(Accumulator<RobustnessResult> other) {
      checkArgument(
          other instanceof Curve that && that.settings.equals(settings),
          "cannot merge with an accumulator of other settings: %s",
          other);
      Curve that = (Curve) other;
      for (int e = 0; e < correct.length; e++) {
        correct[e] += that.correct[e];
      }
      distances.addAll(that.distances);
      batches += that.batches;
    }

    @Override
    public State captureState() {
      return State.builder()
          .put("correct", correct)
          .put("distances", distances.toArray())
          .put("batches", batches)
          .build();
    }

    @Override
    public void restoreState(State state) {
      long[] counts = state.getLongs("correct");
      checkArgument(
          counts.length == correct.length,
          "the state is of %s sizes of attack, expected %s",
          counts.length,
          correct.length);
      System.arraycopy(counts, 0, correct, 0, counts.length);
      distances.setAll(state.getDoubles("distances"));
      batches = state.getLong("batches");
    }

    @Override
    public RobustnessResult compute() {
      checkState(distances.size() > 0, "no image was attacked: the set is empty");
      List<RobustnessPoint> curve = new ArrayList<>();
      for (int e = 0; e < correct.length; e++) {
        curve.add(new RobustnessPoint(settings.epsilons.get(e), distances.size(), correct[e]));
      }
      double[] sorted = distances.toArray();
      Arrays.sort(sorted);
      return new RobustnessResult(
          settings.attack.describe(),
          settings.attack.norm(),
          curve,
          Arrays.stream(sorted).boxed().toList());
    }
  }

  /**
   * Returns the attack.
   *
   * @return the attack; its epsilon is replaced by each of {@code epsilons}
   */
  public ProjectedGradient attack() {
    return attack;
  }

  /**
   * Returns the sizes of perturbations.
   *
   * @return the sizes in units of [0, 1] pixels, ascending; 0 stands for the unperturbed images
   */
  public List<Double> epsilons() {
    return epsilons;
  }

  /**
   * Returns the source of random starts.
   *
   * @return the streams
   */
  public RandomStreams streams() {
    return streams;
  }

  /**
   * Returns the number of bisections of the path back to the original image in the search for
   * shorter perturbations.
   *
   * @return the number of bisections; default 10
   */
  public int distanceSteps() {
    return distanceSteps;
  }

  private List<Object> values() {
    return List.of(attack, epsilons, streams, distanceSteps);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RobustnessEvaluator that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }
}
