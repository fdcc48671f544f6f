package example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FirstModelTest {
  @Test
  void the_readmes_example_runs() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true));
    try {
      FirstModel.main(new String[0]);
    } finally {
      System.setOut(console);
    }
    assertTrue(printed.toString().contains("EPOCHS_DONE"), printed.toString());
    assertTrue(Files.size(Path.of("model.zip")) > 100_000);
  }
}
