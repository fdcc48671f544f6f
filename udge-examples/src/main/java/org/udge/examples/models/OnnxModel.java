package org.udge.examples.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.Calibration;
import org.udge.Classifier;
import org.udge.Threshold;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.engine.Logits;
import org.udge.evaluation.features.FeatureExtractor;
import org.udge.evaluation.features.LinearHead;
import org.udge.examples.cli.EngineOptions;
import org.udge.onnx.OnnxClassifier;
import org.udge.onnx.OnnxLoader;

/** A classifier in an ONNX file, given images in [-1, 1] as commands read them. */
final class OnnxModel implements Classifier, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OnnxModel.class);

  private final OnnxClassifier classifier;
  private final PixelRange range;

  private OnnxModel(OnnxClassifier classifier) {
    this.classifier = classifier;
    this.range = classifier.pixelRange().orElse(PixelRange.SIGNED);
  }

  static boolean isOnnx(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  static OnnxModel read(Path path, EngineOptions engine, OnnxOptions options) throws IOException {
    OnnxLoader loader = options.loader();
    engine.threadsOfOnnxRuntime(path).ifPresent(loader::threads);
    OnnxClassifier classifier = loader.load(path);
    if (classifier.pixelRange().isEmpty()) {
      LOG.warn(
          "{} does not declare its pixel range: it gets images in [-1, 1] (--onnx_range sets"
              + " another)",
          path);
    }
    return new OnnxModel(classifier);
  }

  private INDArray scaled(INDArray images) {
    if (range.equals(PixelRange.SIGNED)) {
      return images;
    }
    double half = (range.high() - range.low()) / 2;
    return images.add(1).muli(half).addi(range.low());
  }

  @Override
  public Logits logits(INDArray images) {
    return classifier.logits(scaled(images));
  }

  @Override
  public List<String> classNames() {
    return classifier.classNames();
  }

  @Override
  public ImageShape shape() {
    return classifier.shape();
  }

  @Override
  public Optional<PixelRange> pixelRange() {
    return Optional.of(PixelRange.SIGNED);
  }

  @Override
  public Optional<Calibration> calibration() {
    return classifier.calibration();
  }

  @Override
  public Optional<Threshold> threshold(String score) {
    return classifier.threshold(score);
  }

  FeatureExtractor features() {
    FeatureExtractor found = classifier.features();
    return new FeatureExtractor() {
      @Override
      public String name() {
        return found.name();
      }

      @Override
      public int size() {
        return found.size();
      }

      @Override
      public double[][] features(INDArray images) {
        return found.features(scaled(images));
      }
    };
  }

  /** What makes logits of the features, if its weights are known. */
  Optional<LinearHead> head() {
    return classifier.head();
  }

  /** Writes a copy of the file with a calibration. */
  void save(Calibration calibration, Path file) throws IOException {
    classifier.withCalibration(calibration).save(file);
  }

  @Override
  public void close() {
    classifier.close();
  }

  @Override
  public String toString() {
    return classifier.toString();
  }
}
