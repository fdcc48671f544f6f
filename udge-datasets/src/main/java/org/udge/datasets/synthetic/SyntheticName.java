package org.udge.datasets.synthetic;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStreams;

/**
 * Names of synthetic sets, as written on the command line.
 *
 * <ul>
 *   <li>without a source: {@code uniform} (also {@code noise}), {@code gaussian}, {@code blurred},
 *       {@code constant}, {@code fractals}
 *   <li>from another set: {@code NAMEinterp} (also {@code NAME_interp}), {@code NAME+patches},
 *       {@code NAME+pixels}
 *   <li>corrupted: {@code NAME+KIND:STRENGTH}, for example {@code cifar10+fog:3}; the strength is 3
 *       by default
 * </ul>
 */
public final class SyntheticName {

  /** The number of images of sets without a source. */
  public static final int IMAGES = 2000;

  private static final int PATCH = 8;
  private static final double BLUR = 2;
  private static final int MIDDLE = 3;

  private static final List<String> FROM_NOTHING =
      List.of("uniform", "noise", "gaussian", "blurred", "constant", "fractals");

  private SyntheticName() {}

  /**
   * Creates a set without a source.
   *
   * @param name a name, not case-sensitive
   * @param shape the shape of each image
   * @param streams the source of randomness
   * @return {@value #IMAGES} images; empty if the name is not that of such a set
   */
  public static Optional<ImageSource> fromNothing(
      String name, ImageShape shape, RandomStreams streams) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!FROM_NOTHING.contains(lower)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (lower) {
          case "gaussian" -> NoiseImages.gaussian(shape, IMAGES, streams);
          case "blurred" -> NoiseImages.blurred(shape, IMAGES, BLUR, streams);
          case "constant" -> NoiseImages.constant(shape, IMAGES, streams);
          case "fractals" -> FractalImages.of(shape, IMAGES, streams);
          default -> NoiseImages.uniform(shape, IMAGES, streams);
        });
  }

  /**
   * The source of a synthetic set.
   *
   * @param name a name
   * @return the name of its source; absent if the name is not that of a set with a source; the
   *     empty string for {@code interp} alone, whose source is specified elsewhere
   */
  public static Optional<String> sourceOf(String name) {
    int plus = name.lastIndexOf('+');
    if (plus > 0) {
      return Optional.of(name.substring(0, plus));
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (!lower.endsWith("interp")) {
      return Optional.empty();
    }
    String source = name.substring(0, name.length() - "interp".length());
    return Optional.of(source.endsWith("_") ? source.substring(0, source.length() - 1) : source);
  }

  /**
   * Creates a set from another.
   *
   * @param name the synthetic set's name, for which {@link #sourceOf} returned the source
   * @param source the source
   * @param streams the source of randomness
   * @return the synthetic set
   * @throws IllegalArgumentException if the name specifies no known transformation, or no strength
   *     from 1 to 5
   */
  public static ImageSource make(String name, ImageSource source, RandomStreams streams) {
    String way = name.substring(name.lastIndexOf('+') + 1).toLowerCase(Locale.ROOT);
    if (name.lastIndexOf('+') < 0) {
      return InterpolatedImages.of(source, streams.stream("interpolation"));
    }
    if (way.equals("patches")) {
      return ScrambledImages.patches(source, PATCH, streams);
    }
    if (way.equals("pixels")) {
      return ScrambledImages.pixels(source, streams);
    }
    int colon = way.indexOf(':');
    String kind = colon < 0 ? way : way.substring(0, colon);
    String strength = colon < 0 ? Integer.toString(MIDDLE) : way.substring(colon + 1);
    Corruption corruption =
        Corruption.find(kind)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        String.format(
                            Locale.ROOT,
                            "'%s' is not a transformation of images: expected patches, pixels or"
                                + " one of %s",
                            kind,
                            kinds())));
    if (!strength.matches("[1-5]")) {
      throw new IllegalArgumentException(
          "the strength of " + kind + " must be 1 to 5, was '" + strength + "'");
    }
    return CorruptedImages.of(source, corruption, Integer.parseInt(strength), streams);
  }

  private static String kinds() {
    return String.join(", ", Arrays.stream(Corruption.values()).map(Corruption::label).toList());
  }
}
