package org.udge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.udge.engine.Logits;

class HostImagesTest {

  private static INDArray counting(long... shape) {
    return Nd4j.arange(Arrays.stream(shape).reduce(1, (a, b) -> a * b))
        .castTo(DataType.FLOAT)
        .reshape('c', shape);
  }

  private static float[] expected(INDArray array) {
    float[] values = new float[(int) array.length()];
    int position = 0;
    for (int n = 0; n < array.size(0); n++) {
      for (int c = 0; c < array.size(1); c++) {
        for (int h = 0; h < array.size(2); h++) {
          for (int w = 0; w < array.size(3); w++) {
            values[position++] = array.getFloat(n, c, h, w);
          }
        }
      }
    }
    return values;
  }

  @Test
  void copies_images_of_any_strides_in_the_order_of_their_indices() {
    INDArray channelsLast = counting(2, 4, 5, 3);
    INDArray permuted = channelsLast.permute(0, 3, 1, 2);
    INDArray claimsOrder =
        Nd4j.create(permuted.data(), permuted.shape(), permuted.stride(), 0, 'c');
    INDArray part =
        counting(4, 3, 4, 5)
            .get(
                NDArrayIndex.interval(1, 3),
                NDArrayIndex.all(),
                NDArrayIndex.interval(1, 3),
                NDArrayIndex.all());
    for (INDArray images :
        new INDArray[] {counting(2, 3, 4, 5), permuted, claimsOrder, part, part.dup('f')}) {
      assertThat(HostImages.copy(images)).isEqualTo(expected(images));
    }
    assertThat(HostImages.copy(permuted.castTo(DataType.DOUBLE))).isEqualTo(expected(permuted));
  }

  @Test
  void strides_decide_what_is_contiguous() {
    INDArray plain = counting(2, 3, 4, 5);
    assertThat(HostImages.dense(plain)).isSameAs(plain);
    assertThat(HostImages.isContiguous(plain.permute(0, 2, 3, 1))).isFalse();
    // Sizes of one have no stride worth a name.
    assertThat(HostImages.isContiguous(counting(2, 3, 1, 1).permute(0, 2, 1, 3))).isTrue();
  }

  @Test
  void logits_of_a_transposed_array_are_read_by_its_strides() {
    INDArray transposed = Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}}).transpose();
    assertThat(Logits.of(transposed)).isEqualTo(Logits.of(new double[][] {{1, 4}, {2, 5}, {3, 6}}));
  }
}
