package org.udge.sampling;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/**
 * Draws samples of a model: of p(x), of p(x|y) for given classes, or by continuing the chains that
 * a training run left in its replay buffer.
 *
 * <pre>{@code
 * ImageSampler sampler = ImageSampler.of(model, Langevin.ofSteps(200).withSampleBounds(-1, 1));
 * Batch fresh = sampler.drawClasses(RandomStreams.of(1).stream("samples"), 0, 0, 1);
 * }</pre>
 *
 * <p>A convenient front end to {@link LangevinSampler}, which also offers diagnostics. Samples are
 * good only for models trained with a Langevin term, and best when they continue the chains of
 * training.
 *
 * <p>Immutable, and thread-safe to the extent that the model is; streams and replay buffers passed
 * as arguments must be confined to one thread.
 */
public final class ImageSampler {

  private final EnergyModel model;
  private final ImageShape shape;
  private final LangevinSampler sampler;
  private final InitialDistribution start;

  private ImageSampler(EnergyModel model, LangevinSampler sampler, InitialDistribution start) {
    this.model = model;
    this.shape = model.shape();
    this.sampler = sampler;
    this.start = requireNonNull(start);
  }

  /**
   * Returns a sampler whose chains start as uniform noise in [-1, 1).
   *
   * @param model the model to sample from; the caller keeps ownership
   * @param settings the dynamics of chains
   * @return the sampler
   * @throws IllegalStateException if the shape of the model's images is unknown
   */
  public static ImageSampler of(EnergyModel model, Langevin settings) {
    return new ImageSampler(
        model, LangevinSampler.of(model.engine(), settings), UniformImages.ofDefaults());
  }

  /**
   * Returns a copy of this sampler with another initial distribution of chains.
   *
   * @param distribution the distribution; default {@link UniformImages#ofDefaults()}; a {@link
   *     ClassConditionalGaussian} needs fewer steps
   * @return a new sampler
   */
  public ImageSampler withStart(InitialDistribution distribution) {
    return new ImageSampler(model, sampler, distribution);
  }

  /**
   * Draws samples of p(x).
   *
   * @param random the source of randomness; advanced
   * @param count the number of samples, at least 1
   * @return a new batch without labels
   * @throws IllegalArgumentException if {@code count} is below 1
   */
  public Batch draw(RandomStream random, int count) {
    checkArgument(count > 0, "ask for at least one sample, asked for %s", count);
    int[] labels = new int[count];
    Arrays.fill(labels, Batch.UNLABELED);
    INDArray images = starts(random, labels);
    sampler.run(images, EnergyGradient.marginal(), NoiseSource.of(random));
    return Batch.unlabeled(images);
  }

  /**
   * Draws samples of p(x|y).
   *
   * @param random the source of randomness; advanced
   * @param labels the class of each sample, at least one
   * @return a new batch with these labels
   * @throws IllegalArgumentException if there is no label, or one is out of range
   */
  public Batch drawClasses(RandomStream random, int... labels) {
    checkLabels(labels);
    INDArray images = starts(random, labels);
    sampler.run(images, EnergyGradient.conditional(labels), NoiseSource.of(random));
    return Batch.of(images, labels.clone());
  }

  /**
   * Continues chains of p(x) from a replay buffer. Each call draws distinct ones among the filled
   * slots; the ends of the chains replace their starts in the buffer.
   *
   * @param chains the buffer, for example {@link ReplayBuffer#fromState} of a run's state; modified
   * @param random the source of randomness; advanced
   * @param count the number of samples, at least 1 and at most the number of filled slots
   * @return a new batch without labels
   * @throws IllegalArgumentException if there are not as many filled slots
   */
  public Batch continueChains(ReplayBuffer chains, RandomStream random, int count) {
    checkArgument(count > 0, "ask for at least one sample, asked for %s", count);
    int[] slots = pick(chains.filled(), count, "the replay buffer", random);
    INDArray images = chains.images(slots);
    sampler.run(images, EnergyGradient.marginal(), NoiseSource.of(random));
    chains.store(slots, images);
    return Batch.unlabeled(images);
  }

  /**
   * Continues chains of p(x|y) from a replay buffer. Each call draws distinct ones among the filled
   * slots of each class; the ends of the chains replace their starts in the buffer.
   *
   * @param chains the buffer, for example {@link ReplayBuffer#fromState} of a run's state; modified
   * @param random the source of randomness; advanced
   * @param labels the class of each sample, at least one
   * @return a new batch with these labels
   * @throws IllegalArgumentException if a class does not have as many chains, or a label is out of
   *     range
   */
  public Batch continueClasses(ReplayBuffer chains, RandomStream random, int... labels) {
    checkLabels(labels);
    int[] slots = new int[labels.length];
    Map<Integer, int[]> ofClass = new HashMap<>();
    Map<Integer, Integer> taken = new HashMap<>();
    for (int i = 0; i < labels.length; i++) {
      int label = labels[i];
      int wanted = (int) Arrays.stream(labels).filter(other -> other == label).count();
      int[] picked =
          ofClass.computeIfAbsent(
              label,
              absent ->
                  pick(
                      chains.filled(label),
                      wanted,
                      "class " + label + " of the replay buffer",
                      random));
      slots[i] = picked[taken.merge(label, 1, Integer::sum) - 1];
    }
    INDArray images = chains.images(slots);
    sampler.run(images, EnergyGradient.conditional(labels), NoiseSource.of(random));
    chains.store(slots, images);
    return Batch.of(images, labels.clone());
  }

  private void checkLabels(int... labels) {
    checkArgument(labels.length > 0, "ask for at least one sample");
    for (int label : labels) {
      checkArgument(
          label >= 0 && label < model.classCount(),
          "labels must be 0 to %s, one was %s",
          model.classCount() - 1,
          label);
    }
  }

  private INDArray starts(RandomStream random, int... labels) {
    float[] pixels = new float[Math.multiplyExact(labels.length, shape.size())];
    for (int i = 0; i < labels.length; i++) {
      float[] image = start.draw(shape, labels[i], random);
      System.arraycopy(image, 0, pixels, i * shape.size(), image.length);
    }
    return Nd4j.createFromArray(pixels).reshape(shape.batch(labels.length));
  }

  private static int[] pick(int[] filled, int count, String where, RandomStream random) {
    checkArgument(
        count <= filled.length,
        "%s holds %s chains, %s were asked for",
        where,
        filled.length,
        count);
    int[] order = random.permutation(filled.length);
    return Arrays.stream(order, 0, count).map(i -> filled[i]).toArray();
  }
}
