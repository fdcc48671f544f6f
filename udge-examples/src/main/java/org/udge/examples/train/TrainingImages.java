package org.udge.examples.train;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.udge.data.ImageSource;
import org.udge.datasets.DatasetCatalog;
import org.udge.datasets.ShapesDataset;
import org.udge.datasets.Split;
import org.udge.datasets.Splits;
import org.udge.datasets.Subset;
import org.udge.examples.cli.Flags;
import org.udge.random.RandomStreams;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A data set cut up for training.
 *
 * @param train images to train on, all with labels
 * @param labelled those of them whose labels are used
 * @param validation held out
 * @param test the test split
 */
record TrainingImages(
    ImageSource train, ImageSource labelled, Optional<ImageSource> validation, ImageSource test) {

  private static final String SHAPES = "shapes";
  private static final String UNSEEN_SHAPES = "shapes-unseen";
  private static final int VALIDATION = 5000;
  private static final int SHAPES_VALIDATION = 500;

  /** Opens and cuts what the options say; {@code line} is for errors. */
  static TrainingImages open(DataOptions options, RandomStreams streams, CommandLine line)
      throws IOException {
    boolean shapes = options.dataset.equals(SHAPES);
    int held = heldOut(options.dataset, options.validationCount);
    DatasetCatalog catalog = catalog(options, shapes, line);
    ImageSource all =
        shapes && options.trainCount != null
            ? ShapesDataset.standard().train(options.trainCount + held)
            : catalog.open(options.dataset, Split.TRAIN);
    check(all, options, held, line);
    Splits.TrainValidation split = Splits.stratified(all, held, streams.stream("validation"));
    ImageSource train =
        options.trainCount == null
            ? split.train()
            : Subset.first(split.train(), options.trainCount);
    ImageSource labelled =
        options.labelsPerClass > 0
            ? Flags.naming(
                "--labels_per_class",
                () ->
                    Splits.labelsPerClass(train, options.labelsPerClass, streams.stream("labels"))
                        .labelled())
            : train;
    return new TrainingImages(
        train,
        labelled,
        held > 0 ? Optional.of(split.validation()) : Optional.empty(),
        test(catalog.open(options.dataset, Split.TEST), options, line));
  }

  /** Images held out of a data set where nobody says how many. */
  static int heldOut(String dataset, Integer wanted) {
    if (wanted != null) {
      return wanted;
    }
    return dataset.equals(SHAPES) ? SHAPES_VALIDATION : VALIDATION;
  }

  /** Images to train on where nobody says how many. */
  static int remaining(DataOptions options, int heldOut, CommandLine line) throws IOException {
    DatasetCatalog catalog = catalog(options, options.dataset.equals(SHAPES), line);
    return catalog.open(options.dataset, Split.TRAIN).size() - heldOut;
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

  private static DatasetCatalog catalog(DataOptions options, boolean shapes, CommandLine line) {
    if (!DatasetCatalog.names().contains(options.dataset)
        || options.dataset.equals(UNSEEN_SHAPES)) {
      throw new ParameterException(
          line,
          "--dataset must be one of cifar10, cifar100, cifar100-coarse and shapes, was '"
              + options.dataset
              + "'");
    }
    if (options.root != null) {
      return DatasetCatalog.at(options.root);
    }
    if (!shapes) {
      throw new ParameterException(
          line,
          "--dataset "
              + options.dataset
              + " needs --data_root, the folder of its files (--dataset shapes is built in)");
    }
    return DatasetCatalog.builtIn();
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
  Map<String, String> hashes() {
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("train", describe(train));
    validation.ifPresent(set -> hashes.put("validation", describe(set)));
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
    return set.name() + ", " + set.size() + " images, sha256 " + hasher.hash();
  }
}
