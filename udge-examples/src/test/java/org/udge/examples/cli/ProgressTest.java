package org.udge.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long seconds = 1000;

  private Progress lines(long first, long total) {
    return new Progress(
        "train", "step", first, total, out, Optional.empty(), () -> seconds * 1_000_000_000L);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void the_first_line_comes_after_the_first_step_and_says_what_to_expect() {
    try (Progress progress = lines(0, 156_200)) {
      seconds += 40;
      progress.at(1, () -> "loss 2.3");
    }
    assertThat(text())
        .isEqualToNormalizingNewlines(
            "train: step 1 of 156200, 40.0 s per step, 1735:32:40 left: loss 2.3\n");
  }

  @Test
  void further_lines_come_by_time() {
    try (Progress progress = lines(0, 1000)) {
      for (int step = 1; step <= 100; step++) {
        seconds += 1;
        progress.at(step);
      }
    }
    assertThat(text().lines())
        .containsExactly(
            "train: step 1 of 1000, 1.0 steps/s, 16:39 left",
            "train: step 31 of 1000, 1.0 steps/s, 16:09 left",
            "train: step 61 of 1000, 1.0 steps/s, 15:39 left",
            "train: step 91 of 1000, 1.0 steps/s, 15:09 left");
  }

  @Test
  void what_is_told_comes_at_once_and_the_steps_done_before_do_not_count_for_the_rate() {
    try (Progress progress = lines(90, 100)) {
      seconds += 10;
      progress.tell(95, "a");
      progress.tell(96, "b");
    }
    assertThat(text().lines())
        .containsExactly(
            "train: step 95 of 100, 2.0 s per step, 0:10 left: a",
            "train: step 96 of 100, 1.7 s per step, 0:07 left: b");
  }

  /** What a terminal shows: a carriage return begins the line anew, over what is there. */
  private static List<String> screen(String written) {
    List<String> screen = new ArrayList<>();
    for (String line : written.split("\n", -1)) {
      StringBuilder shown = new StringBuilder();
      for (String part : line.split("\r", -1)) {
        shown.replace(0, Math.min(shown.length(), part.length()), part);
      }
      screen.add(shown.toString().stripTrailing());
    }
    return screen;
  }

  @Test
  void text_stays_above_the_bar_and_nothing_of_the_bar_is_left_in_it() {
    BarLine line = new BarLine(out, 60);
    line.accept("train  50% [=====>     ] 50/100 (0:00:10 / 0:00:10) loss 1");
    line.above("train: epoch 1 of 2");
    line.accept("train  51% [=====>     ]");
    line.above(
        "train: epoch 2 of 2, a line that is longer than the bar below it and than the width");
    line.close();
    assertThat(screen(text()))
        .containsExactly(
            "train: epoch 1 of 2",
            "train: epoch 2 of 2, a line that is longer than the bar below it and than the width",
            "train  51% [=====>     ]",
            "");
  }

  @Test
  void a_bar_is_cut_to_the_terminals_width() {
    BarLine line = new BarLine(out, 10);
    line.accept("0123456789abc");
    assertThat(text()).isEqualTo("\r0123456789");
  }

  @Test
  void the_bar_keeps_rate_and_message_apart() {
    BarLine line = new BarLine(out, 110);
    try (Progress progress =
        new Progress("train", "step", 0, 10, out, Optional.of(line), System::nanoTime)) {
      progress.at(5, () -> "loss 1.5");
      progress.say("train: epoch 1 of 2");
      progress.tell(10, "loss 0.5");
    }
    List<String> screen = screen(text());
    assertThat(screen).contains("train: epoch 1 of 2");
    assertThat(screen.get(screen.size() - 2)).contains("100%", "10/10").endsWith(" loss 0.5");
  }
}
