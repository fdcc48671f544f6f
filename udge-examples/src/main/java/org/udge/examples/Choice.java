package org.udge.examples;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Flags' values of an enum: its names in lower case, or what its {@code toString} says. */
final class Choice<E extends Enum<E>> implements ITypeConverter<E> {

  private final Class<E> type;

  private Choice(Class<E> type) {
    this.type = type;
  }

  /** Makes a command read flags of a type so. */
  static <E extends Enum<E>> void register(CommandLine line, Class<E> type) {
    line.registerConverter(type, new Choice<>(type));
  }

  static String text(Enum<?> value) {
    return value.toString().toLowerCase(Locale.ROOT);
  }

  @Override
  public E convert(String given) {
    return Arrays.stream(type.getEnumConstants())
        .filter(value -> text(value).equalsIgnoreCase(given))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "must be one of "
                        + Arrays.stream(type.getEnumConstants())
                            .map(Choice::text)
                            .collect(Collectors.joining(", "))
                        + ", was '"
                        + given
                        + "'"));
  }
}
