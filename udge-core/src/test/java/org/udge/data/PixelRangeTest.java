package org.udge.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PixelRangeTest {

  @Test
  void some_pixels_are_scaled_and_others_left_alone() {
    float[] pixels = {-1, -1, 0, 1, 1};
    new PixelRange(0, 255).scale(pixels, 1, 4);
    assertThat(pixels).containsExactly(-1, 0, 127.5f, 255, 1);
  }

  @Test
  void its_own_range_changes_no_bit() {
    float[] pixels = {-1, 1e-9f, 1.1f};
    PixelRange.SIGNED.scale(pixels, 0, 3);
    assertThat(pixels).containsExactly(-1, 1e-9f, 1.1f);
  }

  @Test
  void refuses_pixels_beyond_the_array() {
    assertThatThrownBy(() -> PixelRange.UNIT.scale(new float[2], 1, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
