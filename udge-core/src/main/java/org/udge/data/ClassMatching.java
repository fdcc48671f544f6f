package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the classes of a set of images become those of a model.
 *
 * <p>Classes of the same name are the same, whatever their order; a set may lack some of the
 * model's. Where one side has mere numbers for names ("0", "1", ...), nothing is known but the
 * order: then both must have equally many. Anything else is refused, since labels would mean other
 * classes than the model's.
 */
final class ClassMatching {

  private ClassMatching() {}

  /**
   * The model's class for each class of a set.
   *
   * @param set name of the set, for messages
   * @param own names of the set's classes, not empty
   * @param wanted names of the model's classes
   * @return an index into {@code wanted} for each of {@code own}
   * @throws IllegalArgumentException if they cannot be matched
   */
  static int[] of(String set, List<String> own, List<String> wanted) {
    if (own.equals(wanted) || areNumbers(own) || areNumbers(wanted)) {
      checkArgument(
          own.size() == wanted.size(),
          "%s has %s classes, the model has %s: %s and %s",
          set,
          own.size(),
          wanted.size(),
          own,
          wanted);
      return IntStream.range(0, own.size()).toArray();
    }
    List<String> unknown = own.stream().filter(name -> !wanted.contains(name)).toList();
    checkArgument(
        unknown.isEmpty(),
        "%s has classes that the model does not know: %s; the model's are %s",
        set,
        unknown,
        wanted);
    checkArgument(
        new HashSet<>(own).size() == own.size() && new HashSet<>(wanted).size() == wanted.size(),
        "classes of %s cannot be matched by name, since a name is there twice: %s and %s",
        set,
        own,
        wanted);
    return own.stream().mapToInt(wanted::indexOf).toArray();
  }

  private static boolean areNumbers(List<String> names) {
    return IntStream.range(0, names.size()).allMatch(i -> names.get(i).equals(Integer.toString(i)));
  }
}
