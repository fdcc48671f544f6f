package org.udge.examples.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Flags' values with bounds: picocli adds the flag's name to what these say. */
public final class Numbers {

  private Numbers() {}

  private static int wholeNumber(String text, int least) {
    int value;
    try {
      value = Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw refusal("a whole number", text);
    }
    if (value < least) {
      throw refusal("at least " + least, text);
    }
    return value;
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

  /** -1, 0, 1, ...; -1 is the published program's way of saying "no". */
  public static final class AtLeastMinusOne implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return wholeNumber(text, -1);
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

  /** 0, or 2 and above: what can be spread. */
  public static final class NoneOrSeveral implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      int value = wholeNumber(text, 0);
      if (value == 1) {
        throw refusal("0 or at least 2", text);
      }
      return value;
    }
  }

  /** Number of layers of a wide residual network. */
  public static final class Depth implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      int value = wholeNumber(text, 0);
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
