package org.udge.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BrowsersTest {

  private static final Optional<Path> FOUND = Optional.of(Path.of("/bin/chromium"));

  @Test
  void takes_the_browser_that_is_there() {
    assertThat(Browsers.choose("", FOUND)).isEqualTo(FOUND);
    assertThat(Browsers.choose("required", FOUND)).isEqualTo(FOUND);
  }

  @Test
  void leaves_tests_out_where_there_is_none_or_none_is_wanted() {
    assertThat(Browsers.choose("", Optional.empty())).isEmpty();
    assertThat(Browsers.choose("none", FOUND)).isEmpty();
  }

  @Test
  void fails_where_one_is_required() {
    assertThatThrownBy(() -> Browsers.choose("required", Optional.empty()))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "UDGE_BROWSER=required, but no chromium, chromium-browser, google-chrome or chrome is"
                + " on"
                + " the path; install one, or set UDGE_BROWSER=none to leave these tests out");
  }

  @Test
  void refuses_other_words() {
    assertThatThrownBy(() -> Browsers.choose("maybe", FOUND))
        .hasMessage("UDGE_BROWSER must be required, none or not set, was 'maybe'");
  }
}
