package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * deeplearning4j-ui forces Guava 19 onto its users and deeplearning4j-zoo slf4j-api 1.7: whatever
 * our classes call of these two libraries must be in those versions, with the same parameters.
 */
class OldestDependenciesTest {

  private static final Path FOLDER = Path.of("target", "oldest-dependencies");

  @Test
  void classes_call_only_what_the_oldest_guava_and_slf4j_have() throws IOException {
    JavaClasses ours =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.udge");
    Set<String> missing = new TreeSet<>();
    try (URLClassLoader oldest =
        new URLClassLoader(oldestJars(), ClassLoader.getPlatformClassLoader())) {
      ours.stream()
          .flatMap(
              c ->
                  Stream.concat(
                      c.getCodeUnitCallsFromSelf().stream(),
                      c.getCodeUnitReferencesFromSelf().stream()))
          .filter(call -> isChecked(call.getTargetOwner()))
          .filter(call -> !exists(oldest, call.getTarget()))
          .forEach(call -> missing.add(call.getDescription()));
      ours.stream()
          .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
          .filter(dependency -> isChecked(dependency.getTargetClass()))
          .filter(dependency -> !exists(oldest, dependency.getTargetClass()))
          .forEach(dependency -> missing.add(dependency.getDescription()));
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void a_call_of_a_newer_method_would_be_found() throws IOException {
    try (URLClassLoader oldest =
        new URLClassLoader(oldestJars(), ClassLoader.getPlatformClassLoader())) {
      JavaClass caller = new ClassFileImporter().importClass(CallsNewGuava.class);
      assertThat(caller.getMethodCallsFromSelf())
          .filteredOn(call -> isChecked(call.getTargetOwner()))
          .isNotEmpty()
          .noneMatch(call -> exists(oldest, call.getTarget()));
    }
  }

  private static boolean isChecked(JavaClass owner) {
    String name = owner.getBaseComponentType().getName();
    return name.startsWith("com.google.common.") || name.startsWith("org.slf4j.");
  }

  private static boolean exists(ClassLoader loader, JavaClass type) {
    try {
      Class.forName(type.getBaseComponentType().getName(), false, loader);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static boolean exists(ClassLoader loader, CodeUnitAccessTarget target) {
    try {
      Class<?> owner = Class.forName(target.getOwner().getName(), false, loader);
      String parameters =
          parameters(target.getRawParameterTypes().stream().map(JavaClass::getName));
      return target.getName().equals("<init>")
          ? Arrays.stream(owner.getDeclaredConstructors())
              .anyMatch(c -> parameters(c.getParameterTypes()).equals(parameters))
          : methods(owner)
              .anyMatch(
                  m ->
                      m.getName().equals(target.getName())
                          && parameters(m.getParameterTypes()).equals(parameters)
                          && m.getReturnType()
                              .getName()
                              .equals(target.getRawReturnType().getName()));
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static Stream<java.lang.reflect.Method> methods(Class<?> owner) {
    return Stream.concat(
        Arrays.stream(owner.getMethods()), Arrays.stream(owner.getDeclaredMethods()));
  }

  private static String parameters(Class<?>... types) {
    return parameters(Arrays.stream(types).map(Class::getName));
  }

  private static String parameters(Stream<String> names) {
    return String.join(",", names.toList());
  }

  private static URL[] oldestJars() throws IOException {
    try (Stream<Path> jars = Files.list(FOLDER)) {
      URL[] urls = jars.map(OldestDependenciesTest::url).toArray(URL[]::new);
      assertThat(urls).hasSize(2);
      return urls;
    }
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Calls a method that Guava has since 21. */
  private static final class CallsNewGuava {
    static Object list() {
      return com.google.common.collect.ImmutableList.toImmutableList();
    }
  }
}
