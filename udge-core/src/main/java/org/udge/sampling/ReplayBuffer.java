package org.udge.sampling;

import static com.google.common.base.Preconditions.checkElementIndex;
import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * Images of earlier chains, from which later chains continue (persistent contrastive divergence, Du
 * &amp; Mordatch 2019).
 *
 * <p>A draw copies the images for a batch of chains and returns the slots they came from; {@link
 * #store} puts the ends of the chains back into these slots. Slots are initially empty: a chain
 * from an empty slot starts anew, which is equivalent to a buffer filled with noise in advance,
 * without the time and memory.
 *
 * <p>For samples of p(x|y), the slots are divided among the classes in order: class c has slots c s
 * to (c + 1) s - 1 with s = size / classes, rounded down. If a draw requests more than s chains of
 * a class, each of its slots is used once before any is used again; of several chains from the same
 * slot, the last one stored replaces it. The same buffer may serve draws with and without labels.
 *
 * <p>Memory: each filled slot holds one array, which is replaced but never modified: 123 MB for
 * 10,000 images of 3x32x32. A {@linkplain #captureState() captured state} shares these arrays, so
 * capturing requires no copy, and only images replaced since then occupy memory twice. {@code
 * StateFiles.write(buffer.captureState(), file)} writes it image by image.
 *
 * <p>Not thread-safe, but captured states are.
 */
public final class ReplayBuffer implements Stateful {

  private static final float[] EMPTY = {};

  /** The number of integers that describe the layout of a buffer. */
  private static final int SIZES = 5;

  /** A limit that no buffer in memory reaches: 2^24 images of 3x32x32 are 200 GB. */
  private static final int LARGEST = 1 << 24;

  private final Replay settings;
  private final ImageShape shape;
  private final int classes;
  private final float[][] slots;

  private ReplayBuffer(Replay settings, ImageShape shape, int classes) {
    checkArgument(classes > 0, "classes must be at least 1, was %s", classes);
    this.settings = requireNonNull(settings);
    this.shape = requireNonNull(shape);
    this.classes = classes;
    slots = new float[settings.size()][];
    Arrays.fill(slots, EMPTY);
  }

  /**
   * The origin of the chains of a draw.
   *
   * @param slots the slots of the buffer, one per chain
   * @param started the number of chains that start anew
   */
  public record Draw(int[] slots, int started) {}

  /**
   * Returns an empty buffer.
   *
   * @param settings the settings of the buffer
   * @param shape the shape of the images
   * @param classes the number of classes, at least 1
   * @return the buffer
   */
  public static ReplayBuffer of(Replay settings, ImageShape shape, int classes) {
    return new ReplayBuffer(settings, shape, classes);
  }

  /**
   * Returns a captured buffer with default settings for drawing, for looking at its images.
   *
   * @param state from {@link #captureState()}
   * @return the buffer
   * @throws IllegalArgumentException if the state is not that of a replay buffer
   */
  public static ReplayBuffer fromState(State state) {
    return fromState(state, Replay.ofSize(sizes(state)[0]));
  }

  /**
   * Returns a captured buffer with the given settings for drawing.
   *
   * @param state from {@link #captureState()}
   * @param settings settings with the captured buffer's size
   * @return the buffer
   * @throws IllegalArgumentException if the state is not that of a replay buffer, or has another
   *     size
   */
  public static ReplayBuffer fromState(State state, Replay settings) {
    int[] sizes = sizes(state);
    ReplayBuffer buffer = of(settings, new ImageShape(sizes[2], sizes[3], sizes[4]), sizes[1]);
    buffer.restoreState(state);
    return buffer;
  }

  /** Returns size, classes and shape, checked before anything is allocated. */
  private static int[] sizes(State state) {
    long[] sizes = state.getLongs("sizes");
    checkArgument(
        sizes.length == SIZES && Arrays.stream(sizes).allMatch(size -> size > 0 && size <= LARGEST),
        "state entry 'sizes' must be {size, classes, channels, height, width}, each from 1 to %s,"
            + " was %s",
        LARGEST,
        Arrays.toString(sizes));
    return Arrays.stream(sizes).mapToInt(Ints::checkedCast).toArray();
  }

  /**
   * Starts chains from anywhere in the buffer.
   *
   * @param chains overwritten; float32, [N, C, H, W], in C order without gaps
   * @param random the source of randomness
   * @return the slots that the chains came from
   * @throws IllegalArgumentException if there are more chains than slots, unless drawn with
   *     replacement
   */
  @CanIgnoreReturnValue
  public Draw draw(INDArray chains, RandomStream random) {
    int count = rows(chains).rows();
    checkArgument(
        settings.replacement() || count <= slots.length,
        "a draw of %s chains needs as many slots, but the buffer has %s: raise the replay buffer's"
            + " size, or draw with replacement",
        count,
        slots.length);
    int[] picked = new int[count];
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < count; i++) {
      picked[i] = pick(0, slots.length, used, random);
    }
    int[] labels = new int[count];
    Arrays.fill(labels, Batch.UNLABELED);
    return start(chains, picked, labels, random);
  }

  /**
   * Starts chains of given classes, each from a slot of its class: distinct ones, unless drawn with
   * replacement, until all slots of the class are used; then they are used again.
   *
   * @param chains overwritten; float32, [N, C, H, W], in C order without gaps
   * @param labels the class of each chain
   * @param random the source of randomness
   * @return the slots that the chains came from
   * @throws IllegalArgumentException if a label is out of range or classes have no slots
   */
  @CanIgnoreReturnValue
  public Draw draw(INDArray chains, int[] labels, RandomStream random) {
    checkArgument(
        rows(chains).rows() == labels.length,
        "there must be a label for each chain: %s chains, %s labels",
        rows(chains).rows(),
        labels.length);
    for (int label : labels) {
      checkLabel(label);
    }
    checkArgument(
        slotsPerClass() > 0,
        "a replay buffer of %s has no slot for each of %s classes: raise its size to at least %s",
        slots.length,
        classes,
        classes);
    int[] picked = new int[labels.length];
    Map<Integer, Set<Integer>> used = new HashMap<>();
    for (int i = 0; i < labels.length; i++) {
      Set<Integer> ofClass = used.computeIfAbsent(labels[i], label -> new HashSet<>());
      if (ofClass.size() == slotsPerClass()) {
        ofClass.clear();
      }
      picked[i] = pick(labels[i] * slotsPerClass(), slotsPerClass(), ofClass, random);
    }
    return start(chains, picked, labels, random);
  }

  private void checkLabel(int label) {
    checkArgument(
        label >= 0 && label < classes,
        "label %s is out of range, there are %s classes",
        label,
        classes);
  }

  private int slotsPerClass() {
    return slots.length / classes;
  }

  private int pick(int first, int count, Set<Integer> used, RandomStream random) {
    int slot = first + random.nextInt(count);
    while (!settings.replacement() && !used.add(slot)) {
      slot = first + random.nextInt(count);
    }
    return slot;
  }

  private Draw start(INDArray chains, int[] picked, int[] labels, RandomStream random) {
    HostRows target = rows(chains);
    int started = 0;
    for (int i = 0; i < picked.length; i++) {
      boolean anew = random.nextDouble() < settings.reinitialization();
      float[] image = slots[picked[i]];
      if (anew || image.length == 0) {
        image = settings.start().draw(shape, labels[i], random);
        started++;
      }
      target.write(i, image, 0);
    }
    target.written();
    return new Draw(picked, started);
  }

  /**
   * Stores chains in slots.
   *
   * @param into the slots, one per chain, 0 to size - 1; of chains with the same slot, the last one
   *     is kept
   * @param chains [N, C, H, W]; copied
   * @throws IllegalArgumentException if counts or shape differ
   * @throws IndexOutOfBoundsException if there is no such slot
   */
  public void store(int[] into, INDArray chains) {
    checkShape(chains);
    checkArgument(
        chains.size(0) == into.length,
        "there must be a slot for each chain: %s chains, %s slots",
        chains.size(0),
        into.length);
    HostRows source = HostRows.reading(chains);
    for (int i = 0; i < into.length; i++) {
      checkElementIndex(into[i], slots.length, "slot");
      float[] image = new float[shape.size()];
      source.read(i, image, 0);
      slots[into[i]] = image;
    }
  }

  /**
   * Fills slots 0 to N - 1, for example from the {@code replay_buffer} of a PyTorch checkpoint of
   * the published program, which divides its slots among classes in the same way.
   *
   * @param images [N, C, H, W], N at most {@link #size()}; copied
   * @throws IllegalArgumentException if the shape differs or there are too many
   */
  public void fill(INDArray images) {
    checkShape(images);
    checkArgument(
        images.size(0) <= slots.length,
        "%s images do not fit into a replay buffer of %s",
        images.size(0),
        slots.length);
    store(IntStream.range(0, (int) images.size(0)).toArray(), images);
  }

  private HostRows rows(INDArray chains) {
    checkShape(chains);
    return HostRows.writing(chains);
  }

  private void checkShape(INDArray images) {
    checkArgument(
        images.rank() == 4
            && images.dataType() == DataType.FLOAT
            && images.size(1) == shape.channels()
            && images.size(2) == shape.height()
            && images.size(3) == shape.width(),
        "images must be float32 [N, %s, %s, %s], were %s %s",
        shape.channels(),
        shape.height(),
        shape.width(),
        images.dataType(),
        Arrays.toString(images.shape()));
  }

  /**
   * Returns the number of slots.
   *
   * @return the size
   */
  public int size() {
    return slots.length;
  }

  /**
   * Returns the slots that hold an image.
   *
   * @return indices in ascending order
   */
  public int[] filled() {
    return filled(0, slots.length);
  }

  /**
   * Returns the slots of a class that hold an image.
   *
   * @param label the class
   * @return indices in ascending order
   * @throws IllegalArgumentException if there is no such class
   */
  public int[] filled(int label) {
    checkLabel(label);
    return filled(label * slotsPerClass(), slotsPerClass());
  }

  private int[] filled(int first, int count) {
    return IntStream.range(first, first + count).filter(i -> slots[i].length > 0).toArray();
  }

  /**
   * Returns copies of images.
   *
   * @param from the slots, filled, at least one
   * @return a new array, float32, [N, C, H, W]
   * @throws IllegalArgumentException if a slot is empty, or no slot is given
   */
  public INDArray images(int... from) {
    checkArgument(from.length > 0, "ask for at least one image");
    INDArray result = Nd4j.createUninitializedDetached(DataType.FLOAT, shape.batch(from.length));
    HostRows rows = HostRows.writing(result);
    for (int i = 0; i < from.length; i++) {
      checkElementIndex(from[i], slots.length, "slot");
      checkArgument(slots[from[i]].length > 0, "slot %s holds no image", from[i]);
      rows.write(i, slots[from[i]], 0);
    }
    rows.written();
    return result;
  }

  @Override
  public State captureState() {
    int[] filled = filled();
    float[][] images = new float[filled.length][];
    Arrays.setAll(images, i -> slots[filled[i]]);
    return State.builder()
        .put("sizes", sizes())
        .put("slots", Arrays.stream(filled).asLongStream().toArray())
        .putRows("images", images)
        .build();
  }

  @Override
  public void restoreState(State state) {
    long[] sizes = state.getLongs("sizes");
    checkArgument(
        Arrays.equals(sizes, sizes()),
        "state entry 'sizes' is of a replay buffer of another form: {size, classes, channels,"
            + " height, width} = %s, expected %s",
        Arrays.toString(sizes),
        Arrays.toString(sizes()));
    long[] filled = state.getLongs("slots");
    float[][] images = state.getRows("images");
    checkArgument(
        filled.length == images.length,
        "state entry 'slots' names %s slots, but there are %s images",
        filled.length,
        images.length);
    for (int i = 0; i < images.length; i++) {
      checkArgument(
          filled[i] >= 0 && filled[i] < slots.length,
          "state entry 'slots' names slot %s of a buffer of %s",
          filled[i],
          slots.length);
      checkArgument(
          images[i].length == shape.size(),
          "state entry 'images' has an image of %s numbers, expected %s",
          images[i].length,
          shape.size());
    }
    Arrays.fill(slots, EMPTY);
    for (int i = 0; i < images.length; i++) {
      slots[(int) filled[i]] = images[i];
    }
  }

  private long[] sizes() {
    return new long[] {slots.length, classes, shape.channels(), shape.height(), shape.width()};
  }
}
