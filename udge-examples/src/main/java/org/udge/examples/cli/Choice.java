package org.udge.examples.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Flag values of an enum: its names in lowercase, or the values of {@code toString}. */
public final class Choice<E extends Enum<E>> implements ITypeConverter<E> {

  private final Class<E> type;

  private Choice(Class<E> type) {
    this.type = type;
  }

  /** Registers an enum type with a command. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // The class of an enum E is a Class<E>.
  static void register(CommandLine line, Class<?> type) {
    Class<? extends Enum> choices = type.asSubclass(Enum.class);
    line.registerConverter((Class) choices, new Choice(choices));
  }

  public static String text(Enum<?> value) {
    return value.toString().toLowerCase(Locale.ROOT);
  }

  /** Shells complete the constant's name. */
  private static boolean isName(String given, Enum<?> value) {
    return text(value).equalsIgnoreCase(given) || value.name().equalsIgnoreCase(given);
  }

  @Override
  public E convert(String given) {
    return Arrays.stream(type.getEnumConstants())
        .filter(value -> isName(given, value))
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
