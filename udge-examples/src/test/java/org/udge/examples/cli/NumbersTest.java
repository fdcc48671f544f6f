package org.udge.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

  @ParameterizedTest
  @CsvSource({"8/255,0.03137254901960784", "2/4,0.5", ".5/2,0.25", "0.03,0.03", "1e-3,0.001"})
  void numbers_may_be_quotients(String text, double expected) {
    assertThat(new Numbers.Finite().convert(text)).isCloseTo(expected, within(1e-17));
    assertThat(new Numbers.Positive().convert(text)).isCloseTo(expected, within(1e-17));
    assertThat(new Numbers.NotNegative().convert(text)).isCloseTo(expected, within(1e-17));
    assertThat(new Numbers.Fraction().convert(text)).isCloseTo(expected, within(1e-17));
    assertThat(new Numbers.PositiveFraction().convert(text)).isCloseTo(expected, within(1e-17));
    assertThat(new Numbers.FractionBelowOne().convert(text)).isCloseTo(expected, within(1e-17));
    assertThat(new Numbers.Share().convert(text)).isCloseTo(expected, within(1e-17));
    assertThat(new Numbers.Rate().convert(text)).isCloseTo(expected, within(1e-17));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8/", "/255", "/", "8/255/2", "8 255", "8:255"})
  void other_texts_with_a_slash_are_no_numbers(String text) {
    assertThatThrownBy(() -> new Numbers.NotNegative().convert(text))
        .hasMessage("must be a number, was '" + text + "'");
  }

  @Test
  void quotients_have_the_bounds_of_numbers() {
    assertThatThrownBy(() -> new Numbers.NotNegative().convert("8/0"))
        .hasMessage("must be a finite number, was '8/0'");
    assertThatThrownBy(() -> new Numbers.NotNegative().convert("-8/255"))
        .hasMessage("must be 0 or above, was '-8/255'");
    assertThatThrownBy(() -> new Numbers.Fraction().convert("255/8"))
        .hasMessage("must be from 0 to 1, was '255/8'");
  }
}
