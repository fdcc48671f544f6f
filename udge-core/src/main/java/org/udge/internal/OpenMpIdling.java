package org.udge.internal;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the time for which OpenMP's threads spin while they wait for work. By default they spin
 * for milliseconds, which costs nothing on an idle machine; next to another busy process, they
 * consume the very time in which the thread that they wait for could run, and a training step takes
 * many times as long.
 *
 * <p>OpenMP reads this setting from the environment when its library is loaded, and never again: it
 * must be set before ND4J starts. Variables set by the user are not changed.
 */
public final class OpenMpIdling {

  private static final Logger LOG = LoggerFactory.getLogger(OpenMpIdling.class);

  /** Variables with the same meaning in different implementations of OpenMP. */
  private static final List<String> CHOSEN_BY_USER =
      List.of("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME");

  /**
   * GCC's OpenMP: the number of rounds of the waiting loop before a thread sleeps, about 0.1 ms.
   */
  private static final Variable GCC = new Variable("GOMP_SPINCOUNT", "3000");

  /**
   * LLVM's and Intel's OpenMP: milliseconds; the least value other than 0, where the default is
   * 200.
   */
  private static final Variable LLVM = new Variable("KMP_BLOCKTIME", "1");

  /** An environment variable. */
  record Variable(String name, String value) {}

  private OpenMpIdling() {}

  /**
   * Sets the variable for this process, unless the user has set one. Has no effect once OpenMP is
   * loaded; child processes do not inherit it. Calling it again has no further effect.
   */
  public static void shorten() {
    toSet(System.getenv(), Platform.isLinux()).ifPresent(OpenMpIdling::set);
  }

  /** Returns the variable to set in an environment. */
  static Optional<Variable> toSet(Map<String, String> environment, boolean linux) {
    return CHOSEN_BY_USER.stream().anyMatch(environment::containsKey)
        ? Optional.empty()
        : Optional.of(linux ? GCC : LLVM);
  }

  private static void set(Variable variable) {
    try {
      // Java's view of the environment is a copy: the C library's own must change.
      boolean done =
          Platform.isWindows()
              ? Function.getFunction("kernel32", "SetEnvironmentVariableA")
                      .invokeInt(new Object[] {variable.name, variable.value})
                  != 0
              : Function.getFunction("c", "setenv")
                      .invokeInt(new Object[] {variable.name, variable.value, 1})
                  == 0;
      LOG.debug("{}={}{}", variable.name, variable.value, done ? "" : " could not be set");
    } catch (LinkageError e) {
      LOG.debug(
          "{} is not set: idle OpenMP threads spin longer beside other load: {}",
          variable.name,
          e.toString());
    }
  }
}
