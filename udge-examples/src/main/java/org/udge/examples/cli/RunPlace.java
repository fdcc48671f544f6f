package org.udge.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The location of a run, and its seed. */
public final class RunPlace {

  @Option(
      names = "--log_dir",
      defaultValue = "runs",
      description =
          "Folder of runs; this run creates LOG_DIR/ID-<time>-<random>. Default: ${DEFAULT-VALUE}.")
  private Path logs;

  @Option(
      names = "--id",
      converter = FileName.class,
      description = "First part of the run folder's name. Default: ${DEFAULT-VALUE}.")
  private String id;

  @Option(
      names = "--seed",
      defaultValue = "1",
      converter = Numbers.Seed.class,
      description =
          "Seed of all randomness. Same seed, machine, engine, threads and data: same result."
              + " Default: ${DEFAULT-VALUE}.")
  private long seed;

  /**
   * Creates options with a default of {@code --id}.
   *
   * @param id the default
   */
  public RunPlace(String id) {
    this.id = id;
  }

  /** Creates the folder. */
  public RunFolder create() throws IOException {
    return RunFolder.create(logs, id);
  }

  public long seed() {
    return seed;
  }

  /** A name without folders. */
  public static final class FileName implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      if (text.isBlank() || text.contains("/") || text.contains("\\") || text.contains("\0")) {
        throw new TypeConversionException("must be a name without folders, was '" + text + "'");
      }
      return text;
    }
  }
}
