package org.udge.training.report;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.udge.state.AtomicFiles;

/**
 * Writes events for TensorBoard: a file of TFRecords, each consisting of a length, its checksum, an
 * {@code Event} protocol buffer, and its checksum.
 *
 * <p>Each call appends to the file, which TensorBoard may read concurrently; there is nothing to
 * close. Not thread-safe.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto">
 *     event.proto</a>
 */
public final class TensorBoardWriter {

  // Field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int EVENT_SESSION_LOG = 7;
  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int VALUE_IMAGE = 4;
  private static final int VALUE_HISTOGRAM = 5;
  private static final int VALUE_TENSOR = 8;
  private static final int VALUE_METADATA = 9;
  private static final int IMAGE_HEIGHT = 1;
  private static final int IMAGE_WIDTH = 2;
  private static final int IMAGE_COLOR_SPACE = 3;
  private static final int IMAGE_FILE = 4;
  private static final int RGB = 3;
  private static final int HISTOGRAM_MIN = 1;
  private static final int HISTOGRAM_MAX = 2;
  private static final int HISTOGRAM_NUMBER = 3;
  private static final int HISTOGRAM_SUM = 4;
  private static final int HISTOGRAM_SUM_OF_SQUARES = 5;
  private static final int HISTOGRAM_LIMITS = 6;
  private static final int HISTOGRAM_COUNTS = 7;
  private static final int METADATA_PLUGIN = 1;
  private static final int PLUGIN_NAME = 1;
  private static final int PLUGIN_CONTENT = 2;

  // tensorflow/core/framework/tensor.proto.
  private static final int TENSOR_TYPE = 1;
  private static final int TENSOR_SHAPE = 2;
  private static final int TENSOR_FLOATS = 5;
  private static final int SHAPE_DIMENSION = 2;
  private static final int DIMENSION_SIZE = 1;
  private static final int FLOAT = 1;

  private static final int BINS = 30;
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int PNG_WIDTH_AT = 16;
  private static final int PNG_HEADER_BYTES = 24;

  /** Gives two files created in the same second different names. */
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Path file;

  private TensorBoardWriter(Path file) {
    this.file = file;
  }

  /**
   * Creates a file whose name TensorBoard recognizes.
   *
   * @param folder the folder for the file; created if it does not exist
   * @return the writer
   * @throws IOException if the file cannot be written
   */
  public static TensorBoardWriter create(Path folder) throws IOException {
    Files.createDirectories(folder);
    Instant now = Instant.now();
    String name =
        String.format(
            Locale.ROOT,
            EventRecords.NAME + ".%d.%d.%d.udge",
            now.getEpochSecond(),
            ProcessHandle.current().pid(),
            COUNT.getAndIncrement());
    TensorBoardWriter events = new TensorBoardWriter(folder.resolve(name));
    Files.createFile(events.file);
    events.append(now, 0, new Message().text(EVENT_FILE_VERSION, "brain.Event:2"));
    return events;
  }

  /**
   * Returns the event file.
   *
   * @return the file, whose name begins with {@code events.out.tfevents}
   */
  public Path file() {
    return file;
  }

  /**
   * Appends scalars.
   *
   * @param step the position on the axis
   * @param values the numbers by tag; the part of a tag before the first slash is the group in
   *     which it is shown
   * @throws IOException if the file cannot be written
   */
  public void scalars(long step, Map<String, Double> values) throws IOException {
    Message summary = new Message();
    values.forEach(
        (name, value) ->
            summary.message(
                SUMMARY_VALUE,
                new Message().text(VALUE_TAG, name).fixed32(VALUE_SIMPLE, value.floatValue())));
    append(Instant.now(), step, new Message().message(EVENT_SUMMARY, summary));
  }

  /**
   * Appends an image.
   *
   * @param step the position on the axis
   * @param tag the name of the image
   * @param png the bytes of a PNG file
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the bytes are not those of a PNG file
   */
  public void image(long step, String tag, byte[] png) throws IOException {
    checkArgument(
        png.length > PNG_HEADER_BYTES && Arrays.equals(PNG, Arrays.copyOf(png, PNG.length)),
        "the picture '%s' is not a PNG file",
        tag);
    ByteBuffer size = ByteBuffer.wrap(png, PNG_WIDTH_AT, 2 * Integer.BYTES);
    int width = size.getInt();
    int height = size.getInt();
    Message image =
        new Message()
            .varint(IMAGE_HEIGHT, height)
            .varint(IMAGE_WIDTH, width)
            .varint(IMAGE_COLOR_SPACE, RGB)
            .bytes(IMAGE_FILE, png);
    value(step, new Message().text(VALUE_TAG, tag).message(VALUE_IMAGE, image));
  }

  /**
   * Appends a histogram: the counts of values in 30 equal bins between the least and the greatest,
   * with their sum and sum of squares.
   *
   * @param step the position on the axis
   * @param tag the name of the histogram
   * @param values at least one number; those that are not finite are ignored
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if there is no finite value
   */
  public void histogram(long step, String tag, double... values) throws IOException {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    checkArgument(finite.length > 0, "the histogram '%s' has no finite value", tag);
    double min = Arrays.stream(finite).min().orElseThrow();
    double max = Arrays.stream(finite).max().orElseThrow();
    double[] limits = new double[BINS];
    double[] counts = new double[BINS];
    // Limits are the upper ends of bins. Halves are used because the range itself may be infinite.
    for (int k = 0; k < BINS; k++) {
      double share = (k + 1.0) / BINS;
      limits[k] = k == BINS - 1 ? max : min * (1 - share) + max * share;
    }
    for (double value : finite) {
      int bin = Arrays.binarySearch(limits, value);
      counts[bin < 0 ? Math.min(-bin - 1, BINS - 1) : bin]++;
    }
    Message histogram =
        new Message()
            .fixed64(HISTOGRAM_MIN, min)
            .fixed64(HISTOGRAM_MAX, max)
            .fixed64(HISTOGRAM_NUMBER, finite.length)
            .fixed64(HISTOGRAM_SUM, Arrays.stream(finite).sum())
            .fixed64(HISTOGRAM_SUM_OF_SQUARES, Arrays.stream(finite).map(v -> v * v).sum())
            .doubles(HISTOGRAM_LIMITS, limits)
            .doubles(HISTOGRAM_COUNTS, counts);
    value(step, new Message().text(VALUE_TAG, tag).message(VALUE_HISTOGRAM, histogram));
  }

  /**
   * Records the settings of the run for TensorBoard's table of hyperparameters.
   *
   * @param settings the settings by name: numbers, booleans, and anything else as its text
   * @param metrics the tags of the {@linkplain #scalars scalars} that the table shows with the
   *     settings
   * @throws IOException if the file cannot be written
   */
  public void hyperparameters(Map<String, ?> settings, List<String> metrics) throws IOException {
    Instant now = Instant.now();
    plugin(
        now,
        HyperparameterMessages.EXPERIMENT_TAG,
        HyperparameterMessages.experiment(settings, metrics));
    plugin(now, HyperparameterMessages.START_TAG, HyperparameterMessages.start(settings, now));
  }

  /**
   * Records that the run whose {@linkplain #hyperparameters settings} were written has ended.
   *
   * @param success whether it ended normally
   * @throws IOException if the file cannot be written
   */
  public void end(boolean success) throws IOException {
    Instant now = Instant.now();
    plugin(now, HyperparameterMessages.END_TAG, HyperparameterMessages.end(success, now));
  }

  /**
   * Writes a value that is meaningful only to a plug-in; TensorBoard requires a tensor nonetheless.
   */
  private void plugin(Instant time, String tag, Message content) throws IOException {
    Message metadata =
        new Message()
            .message(
                METADATA_PLUGIN,
                new Message()
                    .text(PLUGIN_NAME, HyperparameterMessages.PLUGIN)
                    .message(PLUGIN_CONTENT, content));
    Message one = new Message().varint(DIMENSION_SIZE, 1);
    Message tensor =
        new Message()
            .varint(TENSOR_TYPE, FLOAT)
            .message(TENSOR_SHAPE, new Message().message(SHAPE_DIMENSION, one))
            .fixed32(TENSOR_FLOATS, 0);
    Message value =
        new Message()
            .text(VALUE_TAG, tag)
            .message(VALUE_TENSOR, tensor)
            .message(VALUE_METADATA, metadata);
    append(
        time, 0, new Message().message(EVENT_SUMMARY, new Message().message(SUMMARY_VALUE, value)));
  }

  private void value(long step, Message value) throws IOException {
    Message summary = new Message().message(SUMMARY_VALUE, value);
    append(Instant.now(), step, new Message().message(EVENT_SUMMARY, summary));
  }

  /**
   * Copies the events of a run up to a step, with their times: for a run that is resumed in another
   * folder.
   *
   * @param earlier the folder of the run's event files; nothing is copied if there are none
   * @param steps the last step to copy
   * @return whether there was anything to copy
   * @throws IOException if a file cannot be read or written
   */
  public boolean copy(Path earlier, long steps) throws IOException {
    ByteArrayOutputStream copied = new ByteArrayOutputStream();
    for (Path from : EventRecords.files(earlier)) {
      if (!from.toAbsolutePath().equals(file.toAbsolutePath())) {
        EventRecords.read(
            from,
            data -> {
              if (isCopied(data, steps)) {
                copied.writeBytes(EventRecords.record(data));
              }
            });
      }
    }
    AtomicFiles.append(file, copied.toByteArray());
    return copied.size() > 0;
  }

  /** Returns whether an event is copied: each file has its own version and settings. */
  private static boolean isCopied(byte[] event, long steps) {
    return !Message.containsField(event, EVENT_FILE_VERSION)
        && Message.varintIn(event, EVENT_STEP).orElse(0) <= steps
        && !new String(event, StandardCharsets.ISO_8859_1).contains(HyperparameterMessages.TAGS);
  }

  /**
   * Revokes the events of later steps: training was rolled back and repeats them.
   *
   * @param step the last step that remains valid
   * @throws IOException if the file cannot be written
   */
  public void rollBack(long step) throws IOException {
    // TensorBoard drops the events of this step and later ones.
    Message start = new Message().varint(SESSION_STATUS, SESSION_START);
    append(Instant.now(), step + 1, new Message().message(EVENT_SESSION_LOG, start));
  }

  private void append(Instant time, long step, Message content) throws IOException {
    AtomicFiles.append(file, EventRecords.record(event(time, step, content)));
  }

  private static byte[] event(Instant time, long step, Message content) {
    return new Message()
        .fixed64(EVENT_WALL_TIME, time.toEpochMilli() / 1e3)
        .varint(EVENT_STEP, step)
        .append(content)
        .toBytes();
  }
}
