package org.udge.examples.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.DatasetCatalog;
import org.udge.datasets.DatasetName;
import org.udge.datasets.DecodedImages;
import org.udge.datasets.ImageFiles;
import org.udge.datasets.ShapesDataset;
import org.udge.datasets.Split;
import org.udge.datasets.Splits;
import org.udge.random.RandomStreams;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The images named by --dataset: a set of the catalog, or a user's own file, zip or folder.
 *
 * @param train the training images
 * @param test the test images
 */
public record TrainingSets(ImageSource train, ImageSource test) {

  /** The share of a user's own images for testing, if they are not split, is one in this many. */
  private static final int TEST_SHARE = 5;

  /**
   * Opens both sets.
   *
   * @param drawn number of training and held-out images of a set that is generated, not read
   * @param streams the source of randomness for splits of a user's own images
   * @param line the command line, for errors
   */
  public static TrainingSets open(
      DataOptions options, OptionalInt drawn, RandomStreams streams, CommandLine line)
      throws IOException {
    Optional<DatasetName> name = DatasetName.parse(options.dataset);
    if (name.isPresent()) {
      return named(name.get(), options, drawn, line);
    }
    Path path = Path.of(options.dataset);
    if (!Files.exists(path)) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "--dataset must be one of %s, or a file, zip or folder of images, was '%s'",
              String.join(", ", DatasetCatalog.names()),
              options.dataset));
    }
    return own(path, options, streams);
  }

  private static TrainingSets named(
      DatasetName name, DataOptions options, OptionalInt drawn, CommandLine line)
      throws IOException {
    boolean builtIn = DatasetCatalog.isBuiltIn(name.set());
    if (!builtIn && options.root == null) {
      throw new ParameterException(
          line,
          "--dataset "
              + options.dataset
              + " needs --data_root, the folder of its files (--dataset shapes is built in)");
    }
    DatasetCatalog catalog =
        options.root == null ? DatasetCatalog.builtIn() : DatasetCatalog.at(options.root);
    ImageShape shape = shape(options, DatasetCatalog.shapeOf(name.set()));
    try {
      ImageSource train =
          name.set().equals("shapes") && drawn.isPresent()
              ? ShapesDataset.standard().train(drawn.getAsInt())
              : catalog.open(name.set(), name.split().orElse(Split.TRAIN), shape);
      ImageSource test = catalog.open(name.set(), Split.TEST, shape);
      return new TrainingSets(decoded(train, options), decoded(test, options));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, "--dataset " + options.dataset + ": " + e.getMessage(), e);
    }
  }

  private static TrainingSets own(Path path, DataOptions options, RandomStreams streams)
      throws IOException {
    ImageShape shape = shape(options, ImageShape.CIFAR);
    Optional<ImageSource> train = DatasetCatalog.openPart(path, Split.TRAIN, shape);
    Optional<ImageSource> test = DatasetCatalog.openPart(path, Split.TEST, shape);
    if (train.isPresent() && test.isPresent()) {
      return new TrainingSets(decoded(train.get(), options), decoded(test.get(), options));
    }
    ImageSource all =
        decoded(train.isPresent() ? train.get() : DatasetCatalog.open(path, shape), options);
    Splits.TrainValidation parts =
        Splits.stratified(all, all.size() / TEST_SHARE, streams.stream("test"));
    return new TrainingSets(
        parts.train().named(all.name() + "/train"), parts.validation().named(all.name() + "/test"));
  }

  private static ImageShape shape(DataOptions options, ImageShape usual) {
    return options.imageSize == null
        ? usual
        : new ImageShape(usual.channels(), options.imageSize, options.imageSize);
  }

  /** Image files are decoded once: into the cache if there is one, else into memory if they fit. */
  private static ImageSource decoded(ImageSource images, DataOptions options) throws IOException {
    if (!(images instanceof ImageFiles files)) {
      return images;
    }
    int threads = Runtime.getRuntime().availableProcessors();
    if (options.cache != null) {
      return DecodedImages.cached(files, options.cache, threads);
    }
    long bytes = (long) images.size() * images.shape().size();
    return bytes < Runtime.getRuntime().maxMemory() / 4
        ? DecodedImages.inMemory(images, threads)
        : images;
  }
}
