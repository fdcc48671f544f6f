package org.udge.examples.models;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.onnx.OnnxClassifier;
import org.udge.onnx.OnnxLoader;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Information that ONNX files of other programs do not contain. */
public final class OnnxOptions {

  private static final int SIZES = 3;
  private static final int BOUNDS = 2;

  @Option(
      names = "--onnx_logits",
      description =
          "Tensor of an ONNX file that holds the logits; it need not be an output. "
              + "Default: the one declared in the file, its output 'logits', or its only "
              + "output.")
  String logits;

  @Option(
      names = "--onnx_features",
      description =
          "Tensor of an ONNX file that holds the penultimate features. Default: the "
              + "one declared in the file, or the input of the matrix product that "
              + "computes the logits.")
  String features;

  @Option(
      names = "--onnx_shape",
      converter = Shape.class,
      description =
          "Shape of the images of an ONNX file that accepts any size: channels, "
              + "height, width, for example 3,32,32. Default: the one declared in the "
              + "file.")
  ImageShape shape;

  @Option(
      names = "--onnx_range",
      converter = Range.class,
      description =
          "Range of the pixels that the network of an ONNX file expects, for example "
              + "0,1. Default: the one declared in the file, or -1,1.")
  PixelRange range;

  @Option(
      names = "--onnx_classes",
      split = ",",
      description =
          "Names of the classes of an ONNX file in the order of its logits: A,B,C. "
              + "Default: those declared in the file, or 0,1,2,...")
  List<String> classes;

  /** Names of the flags that were given. */
  private List<String> given() {
    List<String> flags = new ArrayList<>();
    if (logits != null) {
      flags.add("--onnx_logits");
    }
    if (features != null) {
      flags.add("--onnx_features");
    }
    if (shape != null) {
      flags.add("--onnx_shape");
    }
    if (range != null) {
      flags.add("--onnx_range");
    }
    if (classes != null) {
      flags.add("--onnx_classes");
    }
    return flags;
  }

  /** Refuses flags without effect; {@code line} is for errors. */
  public void requireFor(Path path, CommandLine line) {
    if (!OnnxModel.isOnnx(path) && !given().isEmpty()) {
      throw new ParameterException(
          line, given().get(0) + " is for ONNX files (.onnx): leave it out for " + path);
    }
  }

  OnnxLoader loader() {
    OnnxLoader loader = OnnxClassifier.loader();
    if (logits != null) {
      loader.logits(logits);
    }
    if (features != null) {
      loader.features(features);
    }
    if (shape != null) {
      loader.shape(shape);
    }
    if (range != null) {
      loader.pixelRange(range);
    }
    if (classes != null) {
      loader.classNames(classes);
    }
    return loader;
  }

  private static double[] numbers(String text, int count, String expected) {
    String[] parts = text.split(",", -1);
    double[] numbers = new double[parts.length];
    try {
      for (int i = 0; i < parts.length; i++) {
        numbers[i] = Double.parseDouble(parts[i].strip());
      }
    } catch (NumberFormatException e) {
      throw refusal(expected, text);
    }
    if (numbers.length != count) {
      throw refusal(expected, text);
    }
    return numbers;
  }

  private static TypeConversionException refusal(String expected, String text) {
    return new TypeConversionException(
        String.format(Locale.ROOT, "must be %s, was '%s'", expected, text));
  }

  /** 3,32,32. */
  static final class Shape implements ITypeConverter<ImageShape> {
    private static final String EXPECTED = "channels, height, width, such as 3,32,32";

    @Override
    public ImageShape convert(String value) {
      double[] sizes = numbers(value, SIZES, EXPECTED);
      for (double size : sizes) {
        if (size < 1 || size > Short.MAX_VALUE || size != Math.rint(size)) {
          throw refusal(EXPECTED, value);
        }
      }
      return new ImageShape((int) sizes[0], (int) sizes[1], (int) sizes[2]);
    }
  }

  /** 0,1. */
  static final class Range implements ITypeConverter<PixelRange> {
    private static final String EXPECTED = "two numbers, the lower one first, such as 0,1";

    @Override
    public PixelRange convert(String value) {
      double[] bounds = numbers(value, BOUNDS, EXPECTED);
      if (!Double.isFinite(bounds[0]) || !Double.isFinite(bounds[1]) || bounds[0] >= bounds[1]) {
        throw refusal(EXPECTED, value);
      }
      return new PixelRange(bounds[0], bounds[1]);
    }
  }
}
