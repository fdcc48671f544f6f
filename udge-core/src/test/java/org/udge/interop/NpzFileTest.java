package org.udge.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzFileTest {

  @TempDir private Path folder;

  private Path write(String name) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("f.weight", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
    tensors.put("scalar", Tensor.of(new float[] {7}));
    Path file = folder.resolve(name);
    NpzFile.write(file, tensors, Map.of("made_by", "udge"));
    return file;
  }

  @Test
  void entries_are_arrays_and_the_texts() throws IOException {
    try (ZipFile zip = new ZipFile(write("model.npz").toFile())) {
      assertThat(zip.stream().map(Object::toString))
          .containsExactly("f.weight.npy", "scalar.npy", "metadata.json");
      Path array = folder.resolve("weight.npy");
      try (InputStream in = zip.getInputStream(zip.getEntry("f.weight.npy"))) {
        Files.copy(in, array);
      }
      Tensor weight = NpyFile.read(array);
      assertThat(weight.shape()).containsExactly(2, 2);
      assertThat(weight.toFloats()).containsExactly(1, 2, 3, 4);
      try (InputStream in = zip.getInputStream(zip.getEntry("metadata.json"))) {
        assertThat(in).hasContent("{\"made_by\":\"udge\"}");
      }
    }
  }

  @Test
  void equal_content_gives_equal_bytes() throws IOException {
    assertThat(write("a.npz")).hasSameBinaryContentAs(write("b.npz"));
  }
}
