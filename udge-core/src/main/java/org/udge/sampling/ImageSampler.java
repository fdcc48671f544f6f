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
 * Samples of a model in one line: of p(x), of p(x|y) for given classes, or onward from the chains
 * that a training run left in its replay buffer.
 *
 * <pre>{@code
 * ImageSampler sampler = ImageSampler.of(model, Langevin.ofSteps(200).withSampleBounds(-1, 1));
 * Batch fresh = sampler.drawClasses(RandomStreams.of(1).stream("samples"), 0, 0, 1);
 * }</pre>
 *
 * <p>A plain start and {@link LangevinSampler} underneath, which tells more of what chains do.
 * Samples are good only from models trained with a Langevin term, and best where they continue the
 * chains of training.
 *
 * <p>Immutable, and thread-safe as the model is; streams and replay buffers that are passed in
 * belong to one thread.
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
   * A sampler whose chains start as uniform noise in [-1, 1).
   *
   * @param model whose samples; stays the caller's to close
   * @param settings how chains move
   * @return the sampler
   * @throws IllegalStateException if the shape of the model's images is not known
   */
  public static ImageSampler of(EnergyModel model, Langevin settings) {
    return new ImageSampler(
        model, LangevinSampler.of(model.engine(), settings), UniformImages.ofDefaults());
  }

  /**
   * This sampler with another start of chains.
   *
   * @param distribution default {@link UniformImages#ofDefaults()}; a {@link
   *     ClassConditionalGaussian} needs fewer steps
   * @return a new sampler
   */
  public ImageSampler withStart(InitialDistribution distribution) {
    return new ImageSampler(model, sampler, distribution);
  }

  /**
   * Draws samples of p(x).
   *
   * @param random where all randomness comes from; advanced
   * @param count how many, at least 1
   * @return a new batch without labels
   * @throws IllegalArgumentException if none is asked for
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
   * @param random where all randomness comes from; advanced
   * @param labels the class of each sample, at least one
   * @return a new batch with these labels
   * @throws IllegalArgumentException if none is asked for, or a label is out of range
   */
  public Batch drawClasses(RandomStream random, int... labels) {
    checkLabels(labels);
    INDArray images = starts(random, labels);
    sampler.run(images, EnergyGradient.conditional(labels), NoiseSource.of(random));
    return Batch.of(images, labels.clone());
  }

  /**
   * Continues chains of p(x) from a replay buffer: distinct ones among its filled slots, drawn anew
   * by each call, whose ends take their places in the buffer.
   *
   * @param chains for example {@link ReplayBuffer#fromState} of a run's state; changed
   * @param random where all randomness comes from; advanced
   * @param count how many, at least 1 and at most those filled
   * @return a new batch without labels
   * @throws IllegalArgumentException if there are not as many
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
   * Continues chains of p(x|y) from a replay buffer: distinct ones among the filled slots of each
   * class, drawn anew by each call, whose ends take their places in the buffer.
   *
   * @param chains for example {@link ReplayBuffer#fromState} of a run's state; changed
   * @param random where all randomness comes from; advanced
   * @param labels the class of each sample, at least one
   * @return a new batch with these labels
   * @throws IllegalArgumentException if a class has not as many chains, or a label is out of range
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
