package org.udge.datasets;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a data set, and optionally of a split, as written in command lines and settings.
 *
 * @param set the set's name in the catalog; {@code celeba} may be followed by a colon and an
 *     attribute
 * @param split the split, if the name contains it
 */
public record DatasetName(String set, Optional<Split> split) {

  private static final Pattern PART =
      Pattern.compile("(.+?)[_/-]?(train|test|extra|valid|validation|val)");

  /**
   * Checks that nothing is null.
   *
   * @param set the set's name in the catalog
   * @param split the part
   */
  public DatasetName {
    requireNonNull(set);
    requireNonNull(split);
  }

  /**
   * Understands a name: a name of the catalog, alone or with a part (NAME_train, NAME_test,
   * NAME_extra, NAME_validation; also with a dash, a slash or no separator), not case-sensitive.
   * The spellings of the published programs are understood as well: {@code cifar_train}, {@code
   * cifar_test}, {@code cifar_100}, {@code cifar100test}, {@code svhn_train}, {@code fashionmnist},
   * ...
   *
   * @param text any text
   * @return the name; empty if it is not the name of a set in the catalog
   */
  public static Optional<DatasetName> parse(String text) {
    int colon = text.indexOf(':');
    String attribute = colon < 0 ? "" : text.substring(colon);
    String lower = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
    Optional<String> whole = set(lower);
    if (whole.isPresent()) {
      return valid(whole.get() + attribute, Optional.empty());
    }
    Matcher matcher = PART.matcher(lower);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Split split =
        switch (matcher.group(2)) {
          case "train" -> Split.TRAIN;
          case "test" -> Split.TEST;
          case "extra" -> Split.EXTRA;
          default -> Split.VALIDATION;
        };
    return set(matcher.group(1)).flatMap(set -> valid(set + attribute, Optional.of(split)));
  }

  private static Optional<DatasetName> valid(String set, Optional<Split> split) {
    boolean known = set.indexOf(':') < 0 || set.startsWith("celeba:");
    return known ? Optional.of(new DatasetName(set, split)) : Optional.empty();
  }

  private static Optional<String> set(String lower) {
    if (lower.equals("cifar")) {
      return Optional.of("cifar10");
    }
    List<String> names = DatasetCatalog.names();
    if (names.contains(lower)) {
      return Optional.of(lower);
    }
    String plain = plain(lower);
    return names.stream().filter(name -> plain(name).equals(plain)).findFirst();
  }

  private static String plain(String name) {
    return name.replace("_", "").replace("-", "");
  }

  @Override
  public String toString() {
    return set + split.map(part -> "_" + part.label()).orElse("");
  }
}
