package org.udge.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.udge.network.Norm;
import picocli.CommandLine.Option;

/** Which model to read. */
final class ModelOptions {

  @Option(
      names = "--load_path",
      required = true,
      description =
          "The model: a run folder of train, its model.zip, or a PyTorch checkpoint (.pt, .pth) of the"
              + " published program.")
  Path path;

  @Option(
      names = "--norm",
      description =
          "Norm of a PyTorch checkpoint that does not tell: instance and layer look the same there."
              + " Default: found out.")
  Norm norm;

  LoadedModel read(EngineOptions engine) throws IOException {
    return LoadedModel.read(path, engine, Optional.ofNullable(norm));
  }
}
