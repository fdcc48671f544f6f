package org.udge.examples.models;

import java.nio.file.Path;
import org.udge.examples.cli.Numbers;
import picocli.CommandLine.Option;

/** The training images. */
public final class DataOptions {

  @Option(
      names = "--dataset",
      defaultValue = "cifar10",
      description =
          "A name (cifar10, cifar100, cifar100-coarse, svhn, celeba, celeba:ATTRIBUTE, mnist,"
              + " fashion-mnist, kmnist, emnist-letters, ..., tiny-imagenet: files below"
              + " --data_root; shapes: built in), or a file, zip or folder of images, with one folder per"
              + " class, divided into train and test or not. Default: ${DEFAULT-VALUE}.")
  public String dataset;

  @Option(
      names = "--data_root",
      description =
          "Folder of the data sets' files, for example data_batch_1.bin and test_batch.bin."
              + " Nothing is downloaded without the command `udge download NAME --data_root"
              + " FOLDER`.")
  public Path root;

  @Option(
      names = "--data_cache",
      description =
          "Folder for decoded images, so that later runs and epochs need not decode image files"
              + " again. Default: images are decoded into memory if they take less than a quarter"
              + " of it, else whenever they are read.")
  public Path cache;

  @Option(
      names = "--image_size",
      converter = Numbers.AtLeastOne.class,
      description =
          "Height and width that images are cropped and resized to. Default: 32, and 28 for the"
              + " sets named mnist.")
  public Integer imageSize;

  @Option(
      names = "--n_train",
      converter = Numbers.Images.class,
      description = "Number of training images. Default: all that --n_valid leaves.")
  public Integer trainCount;

  @Option(
      names = "--n_valid",
      converter = Numbers.ImagesOrNone.class,
      description =
          "Training images held out to choose the best epoch and to calibrate; 0: none. Default:"
              + " 5000; for shapes, 500; for your own images, a tenth, at most 5000.")
  public Integer validationCount;

  @Option(
      names = "--n_test",
      converter = Numbers.AtLeastOne.class,
      description = "Number of test images, the first ones. Default: all.")
  public Integer testCount;

  @Option(
      names = "--cutout",
      defaultValue = "0",
      converter = Numbers.AtLeastZero.class,
      description =
          "Side in pixels of a square of each training image that is covered with gray: 16 is"
              + " usual for CIFAR-10, 8 for CIFAR-100; 0: none. Default: ${DEFAULT-VALUE}.")
  public int cutout;

  @Option(
      names = "--pixmix",
      description =
          "Set of pictures that training images are mixed with: fractals, which are generated, or"
              + " any other set of images. Default: none.")
  public String mixing;

  @Option(
      names = "--labels_per_class",
      defaultValue = "-1",
      converter = Numbers.AtLeastMinusOne.class,
      description =
          "Images of each class that keep their label, for semi-supervised training: terms of log"
              + " p(x) read all images; -1 or 0: all. Default: ${DEFAULT-VALUE}.")
  public int labelsPerClass;

  @Option(
      names = "--batch_size",
      defaultValue = "64",
      converter = Numbers.BatchSize.class,
      description = "Images per step. Default: ${DEFAULT-VALUE}.")
  public int batchSize;

  @Option(
      names = "--sigma",
      defaultValue = "0.03",
      converter = Numbers.NotNegative.class,
      description =
          "Standard deviation of the noise added to training images, whose pixels are in [-1, 1];"
              + " .1 is more stable with samples. Default: ${DEFAULT-VALUE}.")
  public double sigma;

  @Option(
      names = "--px_augmentation",
      arity = "1",
      defaultValue = "1",
      converter = Numbers.Switch.class,
      description =
          "0: terms of log p(x) read separate images that are neither cropped nor flipped, as in"
              + " SADA-JEM: with --pxsgld, samples look like images rather than crops, and training"
              + " is more stable. Default: ${DEFAULT-VALUE}.")
  public boolean augmentMarginal;

  @Option(
      names = "--workers",
      defaultValue = "1",
      converter = Numbers.ThreadsOrNone.class,
      description =
          "Threads that prefetch batches; 0: batches are created between the steps. Default:"
              + " ${DEFAULT-VALUE}.")
  public int workers;
}
