package org.udge.examples.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.udge.examples.cli.EngineOptions;
import org.udge.network.Norm;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which model to read. */
public final class ModelOptions {

  @Option(
      names = "--load_path",
      required = true,
      split = ",",
      arity = "1..*",
      description =
          "The model: a run folder of train, its model.zip, or a PyTorch checkpoint (.pt, .pth) of the"
              + " published program. eval takes several, for example of several seeds: A,B,C.")
  public List<Path> paths;

  @Option(
      names = "--norm",
      description =
          "Norm of a PyTorch checkpoint that does not tell: instance and layer look the same there."
              + " Default: found out.")
  public Norm norm;

  /** Reads the only model; {@code line} is for errors. */
  public LoadedModel read(EngineOptions engine, CommandLine line) throws IOException {
    requireOne("this command", line);
    return read(paths.get(0), engine);
  }

  /** Refuses several models. */
  public void requireOne(String who, CommandLine line) {
    if (paths.size() > 1) {
      throw new ParameterException(
          line, who + " takes one model, --load_path names " + paths.size() + ": " + paths);
    }
  }

  /** Finds a missing file before work begins. */
  public void requireFiles() throws IOException {
    for (Path path : paths) {
      if (!Files.exists(path)) {
        throw new NoSuchFileException(
            path.toString(), null, "expected a run folder, a model.zip or a PyTorch checkpoint");
      }
    }
  }

  /** Reads one of the models. */
  public LoadedModel read(Path path, EngineOptions engine) throws IOException {
    return LoadedModel.read(path, engine, Optional.ofNullable(norm));
  }
}
