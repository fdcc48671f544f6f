package org.udge.datasets.synthetic;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStreams;

/**
 * Names of made sets, as command lines write them.
 *
 * <ul>
 *   <li>from nothing: {@code uniform} (also {@code noise}), {@code gaussian}, {@code blurred},
 *       {@code constant}, {@code fractals}
 *   <li>from another set: {@code NAMEinterp} (also {@code NAME_interp}), {@code NAME+patches},
 *       {@code NAME+pixels}
 *   <li>damaged: {@code NAME+KIND:STRENGTH}, for example {@code cifar10+fog:3}; strength 3 if none
 *       is said
 * </ul>
 */
public final class SyntheticName {

  /** Images of sets made from nothing. */
  public static final int IMAGES = 2000;

  private static final int PATCH = 8;
  private static final double BLUR = 2;
  private static final int MIDDLE = 3;

  private static final List<String> FROM_NOTHING =
      List.of("uniform", "noise", "gaussian", "blurred", "constant", "fractals");

  private SyntheticName() {}

  /**
   * Makes a set from nothing.
   *
   * @param name a name, in either case
   * @param shape the shape of each image
   * @param streams where chance comes from
   * @return {@value #IMAGES} images; nothing if the name is not of such a set
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
   * The set that a made set is made from.
   *
   * @param name a name
   * @return the name of its source; nothing if the name is not of a set made from another; empty
   *     for {@code interp} alone, whose source is said elsewhere
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
   * Makes a set from another.
   *
   * @param name the made set's name, of which {@link #sourceOf} has told the source
   * @param source the source
   * @param streams where chance comes from
   * @return the made set
   * @throws IllegalArgumentException if the name says no way of making images, or no strength from
   *     1 to 5
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
                            "'%s' is no way to change images: expected patches, pixels or one of %s",
                            kind, kinds())));
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
