package org.udge.examples.cli;

import java.math.BigInteger;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Bounded flag values: picocli adds the flag's name to these messages. */
public final class Numbers {

  private static final int MOST_THREADS = 1024;
  private static final int MOST_IMAGES = 1_000_000;

  private Numbers() {}

  private static int wholeNumber(String text, int least) {
    return wholeNumber(text, least, Integer.MAX_VALUE);
  }

  private static int wholeNumber(String text, int least, int most) {
    BigInteger value;
    try {
      value = new BigInteger(text.strip());
    } catch (NumberFormatException e) {
      throw refusal("a whole number", text);
    }
    if (value.compareTo(BigInteger.valueOf(least)) < 0) {
      throw refusal("at least " + least, text);
    }
    if (value.compareTo(BigInteger.valueOf(most)) > 0) {
      throw refusal(String.format(Locale.ROOT, "at most %,d", most), text);
    }
    return value.intValueExact();
  }

  private static double number(String text) {
    try {
      double value = quotient(text.strip());
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw refusal("a number", text);
    }
    throw refusal("a finite number", text);
  }

  /** 0.03, or 8/255. */
  private static double quotient(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? Double.parseDouble(text)
        : Double.parseDouble(text.substring(0, slash))
            / Double.parseDouble(text.substring(slash + 1));
  }

  private static double require(boolean valid, double value, String bounds, String text) {
    if (!valid) {
      throw refusal(bounds, text);
    }
    return value;
  }

  private static TypeConversionException refusal(String expected, String text) {
    return new TypeConversionException("must be " + expected + ", was '" + text + "'");
  }

  /** 1, 2, ... */
  public static final class AtLeastOne implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 1);
    }
  }

  /** 0, 1, ... */
  public static final class AtLeastZero implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 0);
    }
  }

  /** -1, 0, 1, ...; -1 means "no", as in the published program. */
  public static final class AtLeastMinusOne implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, -1);
    }
  }

  /** Threads or workers of a process: 1 to 1,024. */
  public static final class Threads implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 1, MOST_THREADS);
    }
  }

  /** Threads or workers of a process, or none: 0 to 1,024. */
  public static final class ThreadsOrNone implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 0, MOST_THREADS);
    }
  }

  /** Images per batch: 1 to 65,536. */
  public static final class BatchSize implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 1, 1 << 16);
    }
  }

  /** Counts of items held in memory: images of a buffer, negatives, resamples; 1 to 10 million. */
  public static final class Capacity implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 1, 10_000_000);
    }
  }

  /** Images to hold out, or none: 0 to a million. */
  public static final class ImagesOrNone implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 0, MOST_IMAGES);
    }
  }

  /** Images in memory, 12 kB each: 1 to a million. */
  public static final class Images implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 1, MOST_IMAGES);
    }
  }

  /** Widening factor of a wide residual network: 1 to 100. */
  public static final class Width implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, 1, 100);
    }
  }

  /** The root seed. */
  public static final class Seed implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return Long.valueOf(text.strip());
      } catch (NumberFormatException e) {
        throw refusal("a whole number from -2^63 to 2^63 - 1", text);
      }
    }
  }

  /** Any number that is finite. */
  public static final class Finite implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text);
    }
  }

  /** Learning rate: above 0, at most 1,000, beyond which parameters overflow at once. */
  public static final class Rate implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      return require(value > 0 && value <= 1000, value, "above 0 and at most 1,000", text);
    }
  }

  /** Above 0. */
  public static final class Positive implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      return require(value > 0, value, "above 0", text);
    }
  }

  /** 0 or above. */
  public static final class NotNegative implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      return require(value >= 0, value, "0 or above", text);
    }
  }

  /** In [0, 1]. */
  public static final class Fraction implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      return require(value >= 0 && value <= 1, value, "from 0 to 1", text);
    }
  }

  /** In (0, 1]. */
  public static final class PositiveFraction implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      return require(value > 0 && value <= 1, value, "above 0 and at most 1", text);
    }
  }

  /** In [0, 1). */
  public static final class FractionBelowOne implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      return require(value >= 0 && value < 1, value, "0 or above and below 1", text);
    }
  }

  /** In (0, 1). */
  public static final class Share implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      double value = number(text);
      return require(value > 0 && value < 1, value, "above 0 and below 1", text);
    }
  }

  /** 0, or 2 to 100,000: counts that allow a spread to be computed. */
  public static final class NoneOrSeveral implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      int value = wholeNumber(text, 0, 100_000);
      if (value == 1) {
        throw refusal("0 or at least 2", text);
      }
      return value;
    }
  }

  /** Number of layers of a wide residual network: 10 to 1,000. */
  public static final class Depth implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      int value = wholeNumber(text, 0, 1000);
      if (value < 10 || value % 6 != 4) {
        throw refusal("6n + 4 with n at least 1 (10, 16, 22, 28, ...)", text);
      }
      return value;
    }
  }

  /** 0 or 1, as the published program has it, or false or true. */
  public static final class Switch implements ITypeConverter<Boolean> {
    @Override
    public Boolean convert(String text) {
      return switch (text) {
        case "1", "true" -> true;
        case "0", "false" -> false;
        default -> throw refusal("0 or 1", text);
      };
    }
  }
}
