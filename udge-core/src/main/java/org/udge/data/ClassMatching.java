package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Maps the classes of a set of images to those of a model.
 *
 * <p>Classes of the same name are the same, regardless of their order; a set may lack some of the
 * model's. If one side has plain numbers as names ("0", "1", ...), classes are matched by order:
 * then both must have the same number of classes. Anything else is refused, since labels would mean
 * classes other than the model's.
 */
final class ClassMatching {

  private ClassMatching() {}

  /**
   * Returns the model's class for each class of a set.
   *
   * @param set the name of the set, for messages
   * @param own the names of the set's classes, not empty
   * @param wanted the names of the model's classes
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
