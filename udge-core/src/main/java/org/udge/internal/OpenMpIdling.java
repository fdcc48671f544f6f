package org.udge.internal;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long OpenMP's threads spin while they wait for work. By default they spin for milliseconds,
 * which costs nothing on an idle machine; beside another busy process they spin away the very time
 * in which the thread they wait for could run, and a training step takes many times as long.
 *
 * <p>OpenMP reads this from the environment when its library is loaded, and never again: it must be
 * set before ND4J starts. Whoever sets one of the variables himself keeps what he set.
 */
public final class OpenMpIdling {

  private static final Logger LOG = LoggerFactory.getLogger(OpenMpIdling.class);

  /** Variables that say the same in different implementations of OpenMP. */
  private static final List<String> CHOSEN_BY_USER =
      List.of("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME");

  /** GCC's OpenMP: rounds of the waiting loop before a thread sleeps, some 0.1 ms. */
  private static final Variable GCC = new Variable("GOMP_SPINCOUNT", "3000");

  /** LLVM's and Intel's OpenMP: milliseconds; its least but 0, the default is 200. */
  private static final Variable LLVM = new Variable("KMP_BLOCKTIME", "1");

  /** A variable of the environment. */
  record Variable(String name, String value) {}

  private OpenMpIdling() {}

  /**
   * Sets the variable for this process, where the user has set none. Has no effect once OpenMP is
   * loaded; children of the process do not inherit it. Calling it again does nothing new.
   */
  public static void shorten() {
    toSet(System.getenv(), Platform.isLinux()).ifPresent(OpenMpIdling::set);
  }

  /** What there is to set in an environment. */
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
