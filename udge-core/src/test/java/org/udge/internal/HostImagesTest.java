package org.udge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.Function;
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
  void a_slice_is_a_view_of_some_images() {
    INDArray images = counting(4, 3, 2, 2);
    INDArray slice = HostImages.slice(images, 1, 3);
    assertThat(slice.shape()).containsExactly(2, 3, 2, 2);
    assertThat(slice.getFloat(1, 2, 0, 1)).isEqualTo(images.getFloat(2, 2, 0, 1));
    slice.assign(-1);
    assertThat(images.getFloat(1, 0, 0, 0)).isEqualTo(-1);
    assertThat(images.getFloat(3, 0, 0, 0)).isNotEqualTo(-1);
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

  /** Whether the array it is given is collected while it works, if nobody else holds it. */
  private static final class Probe implements Function<INDArray, Boolean> {

    private final int collections;
    private WeakReference<INDArray> made = new WeakReference<>(null);

    Probe(int collections) {
      this.collections = collections;
    }

    /** An array that nobody holds: of its methods none is called. */
    INDArray make() {
      INDArray array =
          (INDArray)
              Proxy.newProxyInstance(
                  Probe.class.getClassLoader(),
                  new Class<?>[] {INDArray.class},
                  (proxy, method, values) -> {
                    throw new UnsupportedOperationException(method.getName());
                  });
      made = new WeakReference<>(array);
      return array;
    }

    @Override
    public Boolean apply(INDArray array) {
      return collected();
    }

    private boolean collected() {
      for (int i = 0; i < collections; i++) {
        System.gc();
      }
      return collections > 0 && made.get() == null;
    }
  }

  private static boolean unfenced(INDArray array, Function<INDArray, Boolean> use) {
    return use.apply(array);
  }

  /** Calls so often that the compiler takes notice: compiled code forgets what it needs no more. */
  private static boolean isLost(
      BiFunction<INDArray, Function<INDArray, Boolean>, Boolean> way, int calls) {
    Probe idle = new Probe(0);
    INDArray some = idle.make();
    for (int i = 0; i < calls; i++) {
      assertThatIsFalse(way.apply(some, idle));
    }
    Probe probe = new Probe(2);
    return way.apply(probe.make(), probe);
  }

  private static void assertThatIsFalse(boolean value) {
    if (value) {
      throw new AssertionError("collected without a collection");
    }
  }

  @Test
  void an_array_is_not_collected_while_its_address_is_used() {
    // Without a fence it is, as soon as the code is compiled: so this test can fail.
    int calls = 1000;
    boolean lost = isLost(HostImagesTest::unfenced, calls);
    while (!lost && calls < 100_000_000) {
      calls *= 2;
      lost = isLost(HostImagesTest::unfenced, calls);
    }
    assertThat(lost).isTrue();
    for (int same = 1000; same <= 2 * calls; same *= 2) {
      assertThat(isLost(HostImages::keeping, same)).as("after %s calls", same).isFalse();
    }
  }
}
