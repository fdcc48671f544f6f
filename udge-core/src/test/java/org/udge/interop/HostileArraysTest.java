package org.udge.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints and arrays of someone who means harm: refused, in a message of a few lines. */
class HostileArraysTest {

  private static final int MOST_CHARACTERS = 1500;

  @TempDir private Path folder;

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(byte[] pickle)
      throws IOException {
    Path file = folder.resolve("a.pt");
    Pickle.write(file, pickle);
    return assertThatThrownBy(() -> PyTorchCheckpoint.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.pt")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(MOST_CHARACTERS));
  }

  @Test
  void classes_named_by_nested_lists_are_refused_by_kind() throws IOException {
    assertRefused(new Pickle().doubled(60).text("x").bytes(0x93).end())
        .hasMessageContaining("it has a value of ArrayList where a text must be");
    assertRefused(new Pickle().text("x").cyclic().bytes(0x93).end())
        .hasMessageContaining("it has a value of ArrayList where a text must be");
  }

  @Test
  void numbers_that_are_nested_lists_are_refused_by_kind() throws IOException {
    for (boolean cyclic : new boolean[] {true, false}) {
      Pickle pickle = new Pickle();
      pickle.name("torch._utils", "_rebuild_tensor").op('(').op('(').text("storage");
      pickle.name("torch", "FloatStorage").text("0").text("cpu").number(4).op('t').op('Q');
      pickle = cyclic ? pickle.cyclic() : pickle.doubled(60);
      pickle.op('(').op('t').op('(').op('t').op('t').op('R');
      assertRefused(pickle.end())
          .hasMessageContaining("it has a value of ArrayList where a whole number must be");
    }
  }

  @Test
  void long_names_are_cut_in_messages() throws IOException {
    String name = "n".repeat(700_000);
    assertRefused(new Pickle().name(name, name).end()).hasMessageContaining("nnn...");
    assertRefused(new Pickle().op('}').text(name).number(1).op('s').end())
        .hasMessageContaining("has 1001 characters, expected at most 1000");
  }

  @Test
  void long_names_are_not_multiplied_by_entries() throws IOException {
    Pickle pickle = new Pickle().op('}').text("n".repeat(350_000)).op(']').op('(');
    for (int i = 0; i < 100_000; i++) {
      pickle.bytes('K', 1);
    }
    assertRefused(pickle.op('e').op('s').end()).hasMessageContaining("expected at most 1000");
  }

  @Test
  void shared_entries_are_not_multiplied() throws IOException {
    assertRefused(new Pickle().op('}').text("n".repeat(900)).doubled(25).op('s').end())
        .hasMessageContaining("the same entries again and again");
    Pickle pairs = new Pickle().op('}').text("pairs").op(']').op('(');
    for (int i = 0; i < 3000; i++) {
      pairs.text("k" + i).number(1).bytes(0x86);
    }
    pairs.op('e').bytes('q', 1).op('s').text("maps").op(']').op('(');
    for (int i = 0; i < 3000; i++) {
      pairs.name("collections", "OrderedDict").bytes('h', 1, 0x85, 'R');
    }
    assertRefused(pairs.op('e').op('s').end())
        .hasMessageContaining("it uses the same lists again and again");
  }

  @Test
  void tensors_have_at_most_64_dimensions() throws IOException {
    Pickle pickle = new Pickle();
    pickle.name("torch._utils", "_rebuild_tensor").op('(').op('(').text("storage");
    pickle.name("torch", "FloatStorage").text("0").text("cpu").number(4).op('t').op('Q');
    pickle.number(0);
    for (int tuple = 0; tuple < 2; tuple++) {
      pickle.op('(');
      for (int i = 0; i < 20_000; i++) {
        pickle.bytes('K', 1);
      }
      pickle.op('t');
    }
    assertRefused(pickle.op('t').op('R').end())
        .hasMessageContaining("it has a tensor of 20000 dimensions, expected at most 64");
  }

  @Test
  void views_do_not_multiply_a_storage() throws IOException {
    Pickle pickle = new Pickle().op('}').text("views").op(']').op('(');
    for (int i = 0; i < 100; i++) {
      pickle.name("torch._utils", "_rebuild_tensor").op('(').op('(').text("storage");
      pickle.name("torch", "FloatStorage").text("0").text("cpu").number(4).op('t').op('Q');
      pickle.number(0).op('(').number(1_000_000).op('t').op('(').number(0).op('t');
      pickle.op('t').op('R');
    }
    assertRefused(pickle.op('e').op('s').end()).hasMessageContaining("but share 16 bytes");
  }

  @Test
  void networks_are_not_described_to_any_depth() throws IOException {
    Pickle pickle = new Pickle().op('}');
    addTensor(pickle.text("f.conv1.weight"), 4).op('s');
    addTensor(pickle.text("class_output.weight"), 2).op('s');
    for (int i = 0; i < 5000; i++) {
      addTensor(pickle.text("f.layer1." + i + ".conv1.weight"), 4).op('s');
    }
    Path file = folder.resolve("deep.pt");
    Pickle.write(file, pickle.end());
    assertThatThrownBy(() -> PyTorchWideResNet.importer().read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("%s: 'f.layer1' has 5000 blocks, expected at most 200", file);
  }

  /** Of one element. */
  private static Pickle addTensor(Pickle pickle, int rank) {
    pickle.name("torch._utils", "_rebuild_tensor").op('(').op('(').text("storage");
    pickle.name("torch", "FloatStorage").text("0").text("cpu").number(4).op('t').op('Q');
    pickle.number(0);
    for (int tuple = 0; tuple < 2; tuple++) {
      pickle.op('(');
      for (int i = 0; i < rank; i++) {
        pickle.bytes('K', 1);
      }
      pickle.op('t');
    }
    return pickle.op('t').op('R');
  }

  @Test
  void headers_of_arrays_are_not_repeated_in_messages() throws IOException {
    assertArrayRefused("'descr': '<f4', 'fortran_order': False, 'shape': (" + "1,".repeat(4000))
        .hasMessageContaining("its header is not that of an npy file");
    assertArrayRefused(
            "'descr': '<f4', 'fortran_order': False, 'shape': (" + "1,".repeat(4000) + ")")
        .hasMessageContaining("it has 4000 dimensions, expected at most 64");
    assertArrayRefused("'descr': '" + "x".repeat(9000) + "', 'fortran_order': False, 'shape': (1,)")
        .hasMessageContaining("its elements are of the type xxx");
    assertArrayRefused(
            "'descr': '<f4', 'fortran_order': False, 'shape': (" + "9".repeat(9000) + ",)")
        .hasMessageContaining("expected whole numbers");
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertArrayRefused(String header)
      throws IOException {
    Path file = folder.resolve("a.npy");
    ByteBuffer bytes = ByteBuffer.allocate(header.length() + 12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(US_ASCII)).put((byte) 1).put((byte) 0);
    bytes.putShort((short) (header.length() + 2)).put((byte) '{');
    bytes.put(header.getBytes(US_ASCII)).put((byte) '}');
    Files.write(file, bytes.array());
    return assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.npy")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(MOST_CHARACTERS));
  }
}
