package org.udge.examples.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.udge.Classifier;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.DatasetCatalog;
import org.udge.datasets.DatasetName;
import org.udge.datasets.Split;
import org.udge.datasets.Subset;
import org.udge.datasets.synthetic.InterpolatedImages;
import org.udge.datasets.synthetic.SyntheticName;
import org.udge.examples.cli.Flags;
import org.udge.random.RandomStreams;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Finds sets of images by name for evaluations. */
public final class ImageSets {

  public static final String NAMES =
      "a name (cifar10, cifar100, cifar100-coarse, svhn, celeba, mnist, fashion-mnist, kmnist,"
          + " emnist-letters, ..., tiny-imagenet, shapes, shapes-unseen: the test split;"
          + " NAME_train and NAME_test select a split), interp (means of two images of"
          + " --dataset), a synthetic set (noise,"
          + " gaussian, blurred, constant, fractals; NAME+patches, NAME+pixels; NAME+fog:3 and"
          + " other"
          + " corruptions), held_out or trained_on (training images that the run of --load_path held"
          + " out, and those it learned from), or a file, zip or folder of images";

  public static final String TRAINING_NAMES =
      "a name (cifar10, cifar100, cifar100-coarse, svhn, celeba, mnist, ..., shapes: the training"
          + " split; NAME_train and NAME_test select a split), or a file, zip or folder of images";

  /** The default set under evaluation, as in the published program. */
  public static final String DEFAULT = "cifar10";

  /** Images that the model's run held out of training. */
  public static final String HELD_OUT = "held_out";

  /** Images that the model's run learned from. */
  public static final String TRAINED_ON = "trained_on";

  private static final String INTERPOLATED = "interp";

  private final Optional<Path> root;
  private final TrainedAs run;
  private final ImageShape shape;
  private final RandomStreams streams;
  private final CommandLine line;
  private final Map<String, ImageSource> opened = new HashMap<>();

  /** Where no model is known yet. */
  public ImageSets(Optional<Path> root, ImageShape shape, RandomStreams streams, CommandLine line) {
    this(root, TrainedAs.UNKNOWN, shape, streams, line);
  }

  private ImageSets(
      Optional<Path> root,
      TrainedAs run,
      ImageShape shape,
      RandomStreams streams,
      CommandLine line) {
    this.root = root;
    this.run = run;
    this.shape = shape;
    this.streams = streams;
    this.line = line;
  }

  /**
   * For a model.
   *
   * @param root of the files; as the model was trained if empty
   */
  public static ImageSets of(
      LoadedModel loaded, Optional<Path> root, RandomStreams streams, CommandLine line) {
    return new ImageSets(
        root.or(loaded.run()::dataRoot), loaded.run(), loaded.shape(), streams, line);
  }

  /**
   * Opens a set.
   *
   * @param flag the flag that names it, for errors
   * @param limit maximum number of images; all if null
   */
  public ImageSource open(String flag, String name, Integer limit) throws IOException {
    return open(flag, name, limit, Split.TEST);
  }

  /** Opens a set; the training split if the name does not specify one. */
  public ImageSource openTraining(String flag, String name, Integer limit) throws IOException {
    return open(flag, name, limit, Split.TRAIN);
  }

  /** Opens a set whose labels are the model's classes; see {@link #open}. */
  public ImageSource openLabeled(String flag, String name, Integer limit, Classifier model)
      throws IOException {
    return MatchedClasses.of(flag, name, open(flag, name, limit), model, line);
  }

  /** Checks whether a set can be opened; interp always can. */
  public void require(String flag, String name) throws IOException {
    if (!name.equals(INTERPOLATED)) {
      open(flag, name, null, Split.TEST);
    }
  }

  private ImageSource open(String flag, String name, Integer limit, Split otherwise)
      throws IOException {
    String key = otherwise + " " + name;
    ImageSource source = opened.containsKey(key) ? opened.get(key) : find(flag, name, otherwise);
    opened.put(key, source);
    if (!source.shape().equals(shape)) {
      throw new IOException(
          flag
              + " "
              + name
              + " holds images of "
              + source.shape()
              + ", the model expects "
              + shape);
    }
    return limit == null || limit >= source.size() ? source : Subset.first(source, limit);
  }

  /** A number of images chosen at random, the same ones every time; all if there are no more. */
  public static ImageSource some(ImageSource source, int limit) {
    if (limit >= source.size()) {
      return source;
    }
    int[] order = RandomStreams.of(1).stream("some images").permutation(source.size());
    return Subset.of(source, Arrays.copyOf(order, limit));
  }

  /** Whether a set is of images that the model's run held out, changed or not. */
  static boolean isHeldOut(String name) {
    return name.equals(HELD_OUT) || name.startsWith(HELD_OUT + "+");
  }

  /** The name of a set's training split; empty if the name is not that of a data set. */
  public static Optional<String> trainingSplit(String name) {
    return Files.exists(Path.of(name))
        ? Optional.empty()
        : DatasetName.parse(name).map(known -> known.set() + "_train");
  }

  /** A name with its split, as for evaluated sets. */
  public static String testSplit(String name) {
    return DatasetName.parse(name)
        .map(known -> known.set() + "_" + known.split().orElse(Split.TEST).label())
        .orElseGet(() -> name.toLowerCase(Locale.ROOT) + "_test");
  }

  private ImageSource find(String flag, String name, Split otherwise) throws IOException {
    Optional<ImageSource> made = SyntheticName.fromNothing(name, shape, streams);
    if (made.isPresent()) {
      return made.get();
    }
    if (name.isBlank()) {
      throw new ParameterException(line, flag + " is empty: give " + NAMES);
    }
    if (name.equals(HELD_OUT) || name.equals(TRAINED_ON)) {
      return Flags.naming(flag + " " + name, () -> ofRun(flag, name));
    }
    if (Files.exists(Path.of(name))) {
      return Flags.naming(flag + " " + name, () -> file(Path.of(name), otherwise));
    }
    Optional<DatasetName> known = DatasetName.parse(name);
    if (known.isPresent()) {
      return named(flag, known.get(), otherwise);
    }
    Optional<String> base = SyntheticName.sourceOf(name);
    if (base.isPresent() && !base.get().isEmpty()) {
      ImageSource source = find(flag, base.get(), otherwise);
      try {
        return SyntheticName.make(name, source, streams);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(line, flag + " " + name + ": " + e.getMessage(), e);
      }
    }
    String names = otherwise == Split.TRAIN ? TRAINING_NAMES : NAMES;
    throw new ParameterException(line, flag + " must be " + names + "; was '" + name + "'");
  }

  private ImageSource ofRun(String flag, String name) throws IOException {
    TrainingImages images =
        TrainingImages.ofRun(run, root, line)
            .orElseThrow(
                () ->
                    new ParameterException(
                        line,
                        String.format(
                            Locale.ROOT,
                            "%s %s needs a model in a run folder of train, whose settings tell which"
                                + " images these are",
                            flag,
                            name)));
    if (name.equals(TRAINED_ON)) {
      return images.train();
    }
    return images
        .validation()
        .orElseThrow(
            () ->
                new ParameterException(
                    line, flag + " " + name + ": the run held no images out, its --n_valid is 0"));
  }

  private ImageSource file(Path path, Split split) throws IOException {
    Optional<ImageSource> part = DatasetCatalog.openPart(path, split, shape);
    return part.isPresent() ? part.get() : DatasetCatalog.open(path, shape);
  }

  private ImageSource named(String flag, DatasetName name, Split otherwise) throws IOException {
    boolean builtIn = DatasetCatalog.isBuiltIn(name.set());
    Split split = name.split().orElse(otherwise);
    if (name.set().equals("shapes-unseen") && split == Split.TRAIN) {
      throw new ParameterException(
          line, flag + " " + name + " has no training split: scores cannot be fitted on it");
    }
    if (!builtIn && root.isEmpty()) {
      throw new ParameterException(
          line, flag + " " + name + " needs --data_root, the folder of its files");
    }
    DatasetCatalog catalog =
        builtIn ? DatasetCatalog.builtIn() : DatasetCatalog.at(root.orElseThrow());
    return Flags.naming(flag + " " + name, () -> catalog.open(name.set(), split, shape));
  }

  /** Means of two images each. */
  public ImageSource interpolated(ImageSource source) {
    return InterpolatedImages.of(source, streams.stream("interpolation"));
  }
}
