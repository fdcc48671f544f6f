package org.udge.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Golden numbers are those of {@code evaluation/make_evaluation.py}, NumPy and SciPy in float64.
 */
class ChainDiagnosticsTest {

  private static final JsonNode GOLDEN = golden();

  private static JsonNode golden() {
    try {
      return new ObjectMapper()
          .readTree(ChainDiagnosticsTest.class.getResource("/evaluation/evaluation.json"))
          .get("chains");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The golden draws are [chains][draws]. */
  private static ChainDiagnostics diagnostics(JsonNode draws) {
    double[][] energy = new double[draws.get(0).size()][draws.size()];
    for (int t = 0; t < energy.length; t++) {
      for (int c = 0; c < draws.size(); c++) {
        energy[t][c] = draws.get(c).get(t).asDouble();
      }
    }
    return of(energy);
  }

  private static ChainDiagnostics of(double[][] energy) {
    return new ChainDiagnostics(energy, energy, new double[energy[0].length], new double[0]);
  }

  @Test
  void agrees_with_an_independent_computation() {
    ChainDiagnostics chains = diagnostics(GOLDEN.get("draws"));
    assertThat(chains.rHat()).isCloseTo(GOLDEN.get("rhat").asDouble(), within(1e-8));
    assertThat(chains.bulkEffectiveSize()).isCloseTo(GOLDEN.get("bulk").asDouble(), within(1e-6));
    assertThat(chains.tailEffectiveSize()).isCloseTo(GOLDEN.get("tail").asDouble(), within(1e-6));
    assertThat(chains.nestedRHat(2, 50)).isCloseTo(GOLDEN.get("nested2").asDouble(), within(1e-9));
    assertThat(diagnostics(GOLDEN.get("short")).nestedRHat(3, 1))
        .isCloseTo(GOLDEN.get("nested3").asDouble(), within(1e-9));
  }

  private static double[][] noise(int steps, int chains, double lastChainShift) {
    RandomStream random = RandomStreams.of(4).stream("chains");
    double[][] energy = new double[steps][chains];
    for (double[] step : energy) {
      for (int c = 0; c < chains; c++) {
        step[c] = random.nextGaussian() + (c == chains - 1 ? lastChainShift : 0);
      }
    }
    return energy;
  }

  @Test
  void independent_draws_agree_and_count_in_full() {
    ChainDiagnostics chains = of(noise(500, 4, 0));
    assertThat(chains.rHat()).isCloseTo(1, within(0.01));
    assertThat(chains.bulkEffectiveSize()).isBetween(1_600.0, 2_500.0);
    assertThat(chains.tailEffectiveSize()).isBetween(1_400.0, 2_600.0);
    assertThat(of(noise(1, 64, 0)).nestedRHat(8, 1)).isBetween(1.0, 1.3);
  }

  @Test
  void a_chain_that_stays_elsewhere_shows() {
    ChainDiagnostics chains = of(noise(500, 4, 3));
    assertThat(chains.rHat()).isGreaterThan(1.3);
    assertThat(chains.bulkEffectiveSize()).isLessThan(50);
    assertThat(chains.nestedRHat(2, 100)).isGreaterThan(1.1);
  }

  @Test
  void energies_that_never_move_have_no_scale() {
    ChainDiagnostics still = of(new double[10][2]);
    assertThat(still.rHat()).isNaN();
    assertThat(still.bulkEffectiveSize()).isNaN();
  }

  @Test
  void refuses_too_few_steps_and_uneven_superchains() {
    assertThatThrownBy(() -> of(new double[3][2]).rHat())
        .hasMessage("chains must have at least 4 steps for this, had 3");
    assertThatThrownBy(() -> of(new double[5][6]).nestedRHat(4, 2))
        .hasMessage(
            "superchains must be at least 2 and divide the number of chains, 6, into parts of more"
                + " than one draw, was 4");
    assertThatThrownBy(() -> of(new double[5][6]).nestedRHat(6, 1))
        .hasMessageStartingWith("superchains must be");
    assertThatThrownBy(() -> of(new double[5][6]).nestedRHat(2, 6))
        .hasMessage("steps must be 1 to 5, was 6");
  }
}
