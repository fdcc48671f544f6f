package org.udge;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.properties.HasModifiers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What users of the API see of others' libraries. */
public final class PublicSignatures {

  private static final List<String> FOREIGN = List.of("com.fasterxml.", "com.google.common.");

  private PublicSignatures() {}

  /**
   * Types of Jackson and Guava that a user of the API meets.
   *
   * @return "CLASS: TYPE", for each class that names one in a public or protected member
   */
  public static Set<String> foreignTypes(JavaClasses classes) {
    Set<String> found = new TreeSet<>();
    for (JavaClass type : classes) {
      if (isApi(type)) {
        for (JavaMember member : type.getMembers()) {
          if (isVisible(member)) {
            types(member)
                .filter(t -> FOREIGN.stream().anyMatch(t.getName()::startsWith))
                .forEach(t -> found.add(type.getName() + ": " + t.getName()));
          }
        }
      }
    }
    return found;
  }

  private static boolean isApi(JavaClass type) {
    boolean visible = isVisible(type) && !type.getPackageName().equals("org.udge.internal");
    return visible && type.getEnclosingClass().map(PublicSignatures::isApi).orElse(true);
  }

  private static boolean isVisible(HasModifiers thing) {
    return thing.getModifiers().contains(JavaModifier.PUBLIC)
        || thing.getModifiers().contains(JavaModifier.PROTECTED);
  }

  private static Stream<JavaClass> types(JavaMember member) {
    Stream<JavaType> types =
        member instanceof JavaField field
            ? Stream.of(field.getType())
            : Stream.concat(
                Stream.of(((JavaCodeUnit) member).getReturnType()),
                ((JavaCodeUnit) member).getParameterTypes().stream());
    return types.flatMap(type -> type.getAllInvolvedRawTypes().stream());
  }

  /** Names what it should not, to show that it is found. */
  public static class Leaking {
    /** Within a type argument. */
    public Map<String, ImmutableList<String>> lists() {
      return Map.of();
    }

    /** Seen by subclasses. */
    protected void read(JsonNode node) {}

    /** Seen by nobody. */
    void write(JsonNode node) {}
  }
}
