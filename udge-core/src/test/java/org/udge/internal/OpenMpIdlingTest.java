package org.udge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenMpIdlingTest {

  @Test
  void linux_has_gccs_openmp_and_others_llvms() {
    assertThat(OpenMpIdling.toSet(Map.of("OMP_NUM_THREADS", "2"), true))
        .contains(new OpenMpIdling.Variable("GOMP_SPINCOUNT", "3000"));
    assertThat(OpenMpIdling.toSet(Map.of(), false))
        .contains(new OpenMpIdling.Variable("KMP_BLOCKTIME", "1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"})
  void what_the_user_has_set_stays(String name) {
    assertThat(OpenMpIdling.toSet(Map.of(name, "1"), true)).isEmpty();
    assertThat(OpenMpIdling.toSet(Map.of(name, "1"), false)).isEmpty();
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void the_c_library_sees_what_was_set() {
    OpenMpIdling.Variable usual = OpenMpIdling.toSet(Map.of(), Platform.isLinux()).orElseThrow();
    String expected =
        OpenMpIdling.toSet(System.getenv(), Platform.isLinux())
            .map(OpenMpIdling.Variable::value)
            .orElse(System.getenv(usual.name()));
    OpenMpIdling.shorten();
    assertThat(Function.getFunction("c", "getenv").invokeString(new Object[] {usual.name()}, false))
        .isEqualTo(expected);
  }
}
