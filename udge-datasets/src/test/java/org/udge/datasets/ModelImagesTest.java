package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.data.ImageShape;
import org.udge.data.PixelRange;
import org.udge.datasets.formats.ImageDecoder;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.network.Mlp;

class ModelImagesTest {

  private static final ImageShape SHAPE = new ImageShape(3, 2, 2);

  private final EnergyModel model = model().build();

  private static EnergyModel.Builder model() {
    return EnergyModel.builder(Mlp.of(4))
        .shape(SHAPE)
        .classes(2)
        .engine(EngineSettings.of(EngineChoice.GRAPH));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static BufferedImage picture() {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0xff0000);
    image.setRGB(1, 0, 0x00ff00);
    image.setRGB(0, 1, 0x0000ff);
    image.setRGB(1, 1, 0xffffff);
    return image;
  }

  private static byte[] png() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(picture(), "png", out);
    return out.toByteArray();
  }

  @Test
  void bytes_streams_and_images_become_the_same_array() throws IOException {
    ModelImages images = ModelImages.of(model);
    INDArray expected = images.decode(picture());
    assertThat(expected.shape()).containsExactly(1, 3, 2, 2);
    assertThat(expected.data().asFloat()).containsExactly(1, -1, -1, 1, -1, 1, -1, 1, -1, -1, 1, 1);
    assertThat(images.decode(png())).isEqualTo(expected);
    assertThat(images.decode(new ByteArrayInputStream(png()))).isEqualTo(expected);
    INDArray two = images.decodeAll(List.of(png(), png()));
    assertThat(two.shape()).containsExactly(2, 3, 2, 2);
    assertThat(model.logits(two).row(1))
        .containsExactly(model.logits(expected).row(0), within(1e-6));
  }

  @Test
  void pixels_are_scaled_to_the_models_range() throws IOException {
    try (EnergyModel unit = model().pixelRange(PixelRange.UNIT).build()) {
      assertThat(ModelImages.of(unit).decode(png()).data().asFloat())
          .containsExactly(1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1);
    }
  }

  @Test
  void refuses_what_is_no_image_or_too_large() {
    ModelImages images = ModelImages.of(model);
    assertThatThrownBy(() -> images.decodeAll(List.of(png(), new byte[] {1, 2, 3, 4})))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot read the image 1: ");
    assertThatThrownBy(
            () -> images.withDecoder(ImageDecoder.ofDefaults().withMaxPixels(3)).decode(png()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("2 x 2");
    assertThatThrownBy(() -> images.decodeAll(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there must be at least one image");
  }

  @Test
  void refuses_models_of_other_than_pictures() {
    try (EnergyModel table = EnergyModel.builder(Mlp.of(4)).features(5).classes(2).build()) {
      assertThatThrownBy(() -> ModelImages.of(table))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("image files can be read with 1 channel or 3, not 5");
    }
  }
}
