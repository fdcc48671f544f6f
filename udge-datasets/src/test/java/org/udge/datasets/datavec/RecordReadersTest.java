package org.udge.datasets.datavec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.NoSuchElementException;
import org.datavec.api.records.reader.RecordReader;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.junit.jupiter.api.Test;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.ByteImages;

class RecordReadersTest {

  private static final ImageSource IMAGES =
      ByteImages.of(
          "two",
          new ImageShape(1, 1, 2),
          List.of("a", "b"),
          new byte[] {0, 51, 102, (byte) 255},
          1,
          0);

  private static float[] pixels(ImageSource source, int index) {
    float[] pixels = new float[source.shape().size()];
    source.read(index, pixels, 0);
    return pixels;
  }

  @Test
  void images_are_records_with_their_labels() {
    RecordReader reader = RecordReaders.of(IMAGES);
    assertThat(reader.getLabels()).containsExactly("a", "b");
    List<Writable> record = reader.next();
    assertThat(((NDArrayWritable) record.get(0)).get().shape()).containsExactly(1, 1, 1, 2);
    assertThat(record.get(1).toInt()).isEqualTo(1);
    assertThat(reader.nextRecord().getRecord().get(1).toInt()).isZero();
    assertThat(reader.hasNext()).isFalse();
    assertThatThrownBy(reader::next).isInstanceOf(NoSuchElementException.class);
    reader.reset();
    assertThat(reader.hasNext()).isTrue();
  }

  @Test
  void records_are_images_again() {
    ImageSource back = RecordReaders.toImages("back", RecordReaders.of(IMAGES), List.of("a", "b"));
    assertThat(back.shape()).isEqualTo(IMAGES.shape());
    for (int i = 0; i < 2; i++) {
      assertThat(pixels(back, i)).isEqualTo(pixels(IMAGES, i));
      assertThat(back.label(i)).isEqualTo(IMAGES.label(i));
    }
    ImageSource plain = RecordReaders.toImages("plain", RecordReaders.of(IMAGES), List.of());
    assertThat(plain.label(0)).isEqualTo(Batch.UNLABELED);
  }

  @Test
  void refuses_a_reader_at_its_end() {
    RecordReader reader = RecordReaders.of(IMAGES);
    RecordReaders.toImages("x", reader, List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordReaders.toImages("x", reader, List.of()))
        .withMessageContaining("no records left");
  }
}
