package org.udge.examples.models;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.udge.data.ImageSource;
import org.udge.datasets.DatasetName;
import org.udge.datasets.PublishedSplit;
import org.udge.datasets.Splits;
import org.udge.datasets.Subset;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Compat;
import org.udge.examples.cli.Flags;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.RunFolder;
import org.udge.random.RandomStreams;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A data set, split for training.
 *
 * @param train training images, all with labels
 * @param labeled those of them whose labels are used
 * @param validation held out
 * @param test the test split
 */
public record TrainingImages(
    ImageSource train, ImageSource labeled, Optional<ImageSource> validation, ImageSource test) {

  private static final String VALIDATION_DATA = "validation";

  /** As settings write a flag that was not given. */
  private static final String UNSET = "null";

  private static final String SHAPES = "shapes";
  private static final int VALIDATION = 5000;
  private static final int SHAPES_VALIDATION = 500;

  /** The share of a user's own images for validation is one in this many. */
  private static final int OWN_VALIDATION_SHARE = 10;

  /** Opens and splits the set that the options specify; {@code line} is for errors. */
  public static TrainingImages open(
      DataOptions options, boolean publishedSplit, RandomStreams streams, CommandLine line)
      throws IOException {
    int usual = heldOut(options.dataset, options.validationCount);
    OptionalInt drawn =
        options.trainCount == null
            ? OptionalInt.empty()
            : OptionalInt.of(options.trainCount + usual);
    TrainingSets sets = TrainingSets.open(options, drawn, streams, line);
    ImageSource all = sets.train();
    boolean own = DatasetName.parse(options.dataset).isEmpty();
    int held =
        own && options.validationCount == null
            ? Math.min(usual, all.size() / OWN_VALIDATION_SHARE)
            : usual;
    check(all, options, held, line);
    ImageSource part;
    ImageSource validation;
    if (publishedSplit) {
      PublishedSplit split = PublishedSplit.of(all, held);
      part = split.train();
      validation = split.validation();
    } else {
      Splits.TrainValidation split = Splits.stratified(all, held, streams.stream("validation"));
      part = split.train();
      validation = split.validation();
    }
    ImageSource train = options.trainCount == null ? part : Subset.first(part, options.trainCount);
    return new TrainingImages(
        train,
        labeled(train, options, publishedSplit, streams),
        held > 0 ? Optional.of(validation) : Optional.empty(),
        test(sets.test(), options, line));
  }

  /**
   * The images of a run again, cut as it cut them.
   *
   * @param root of the files; as the run was trained if empty
   * @return nothing if the settings of the run are not known
   */
  static Optional<TrainingImages> ofRun(TrainedAs run, Optional<Path> root, CommandLine line)
      throws IOException {
    if (run.dataset().isEmpty() || run.seed().isEmpty() || !run.method().containsKey("n_valid")) {
      return Optional.empty();
    }
    DataOptions options = new DataOptions();
    options.dataset = run.dataset().get();
    options.root = root.or(run::dataRoot).orElse(null);
    options.trainCount = number(run, "n_train");
    options.validationCount = number(run, "n_valid");
    options.imageSize = number(run, "image_size");
    String split = run.method().getOrDefault("published_split", UNSET);
    boolean publishedSplit =
        split.equals(UNSET)
            ? run.method().getOrDefault("compat", "").equals(Choice.text(Compat.REFERENCE))
            : Boolean.parseBoolean(split);
    TrainingImages images = open(options, publishedSplit, streams(run.seed().get()), line);
    images.checkSame(run);
    return Optional.of(images);
  }

  /**
   * Other files would be cut otherwise, and images that were learned from be taken for new ones.
   */
  private void checkSame(TrainedAs run) throws IOException {
    Optional<Path> file =
        run.folder().map(folder -> folder.resolve(RunFolder.RESULT)).filter(Files::exists);
    if (file.isEmpty() || validation.isEmpty()) {
      return;
    }
    String noted =
        JsonFiles.read(file.get(), "result of a run")
            .at("/provenance/data/" + VALIDATION_DATA)
            .asText();
    String now = Splits.indexHash(validation.get());
    if (!noted.isEmpty() && !noted.contains(now)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds other images than when the run was trained: it held out '%s', and would hold"
                  + " out images of indices sha256 %s now",
              run.dataset().orElseThrow(),
              noted,
              now));
    }
  }

  /** Where chance in the images of a run comes from. */
  public static RandomStreams streams(long seed) {
    return RandomStreams.of(seed).child("data");
  }

  private static Integer number(TrainedAs run, String flag) {
    String text = run.method().getOrDefault(flag, UNSET);
    return text.equals(UNSET) ? null : Integer.valueOf(text);
  }

  private static ImageSource labeled(
      ImageSource train, DataOptions options, boolean publishedSplit, RandomStreams streams)
      throws IOException {
    if (options.labelsPerClass <= 0) {
      return train;
    }
    int count = options.labelsPerClass;
    return Flags.naming(
        "--labels_per_class",
        () ->
            publishedSplit
                ? PublishedSplit.firstOfEachClass(train, count)
                : Splits.labelsPerClass(train, count, streams.stream("labels")).labeled());
  }

  /** The default number of held-out images. */
  public static int heldOut(String dataset, Integer wanted) {
    if (wanted != null) {
      return wanted;
    }
    return dataset.equals(SHAPES) ? SHAPES_VALIDATION : VALIDATION;
  }

  /** The default number of training images. */
  public static int remaining(DataOptions options, int heldOut, CommandLine line)
      throws IOException {
    return TrainingSets.open(options, OptionalInt.empty(), RandomStreams.of(1), line).train().size()
        - heldOut;
  }

  private static ImageSource test(ImageSource all, DataOptions options, CommandLine line) {
    if (options.testCount == null) {
      return all;
    }
    if (options.testCount > all.size()) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "--n_test must be at most %d, the size of %s, was %d",
              all.size(),
              all.name(),
              options.testCount));
    }
    return Subset.first(all, options.testCount);
  }

  private static void check(ImageSource all, DataOptions options, int held, CommandLine line) {
    int wanted = held + (options.trainCount == null ? 1 : options.trainCount);
    if (all.classCount() == 0) {
      throw new ParameterException(
          line, "--dataset " + options.dataset + " has no labels here: it cannot be trained on");
    }
    if (wanted > all.size()) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "--n_train %s and --n_valid %d need %,d images, %s has %,d",
              options.trainCount == null ? "(all)" : options.trainCount,
              held,
              wanted,
              all.name(),
              all.size()));
    }
  }

  /** SHA-256 of pixels and labels of each set, by name. */
  public Map<String, String> hashes() {
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("train", describe(train));
    validation.ifPresent(set -> hashes.put(VALIDATION_DATA, describe(set)));
    hashes.put("test", describe(test));
    return hashes;
  }

  private static String describe(ImageSource set) {
    float[] pixels = new float[set.shape().size()];
    ByteBuffer bytes = ByteBuffer.allocate((pixels.length + 1) * Float.BYTES);
    Hasher hasher = Hashing.sha256().newHasher();
    for (int i = 0; i < set.size(); i++) {
      int label = set.read(i, pixels, 0);
      bytes.clear();
      bytes.asFloatBuffer().put(pixels);
      bytes.putInt(pixels.length * Float.BYTES, label);
      hasher.putBytes(bytes.array());
    }
    return String.format(
        Locale.ROOT,
        "%s, %d images, sha256 %s, indices sha256 %s",
        set.name(),
        set.size(),
        hasher.hash(),
        Splits.indexHash(set));
  }
}
