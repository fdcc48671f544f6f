package org.udge.examples.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.Flags;
import org.udge.network.Norm;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The model to read. */
public final class ModelOptions {

  private static final String EXPECTED =
      "a run folder, a model.zip, a PyTorch checkpoint or an ONNX file";

  @Option(
      names = "--load_path",
      required = true,
      split = ",",
      arity = "1..*",
      description =
          "The model: a run folder of train, its model.zip, a PyTorch checkpoint (.pt, .pth) of the"
              + " published program, or a classifier in an ONNX file (.onnx), for tasks that need"
              + " only logits and features. eval accepts several, for example of several seeds:"
              + " A,B,C.")
  public List<Path> paths;

  @Option(
      names = "--norm",
      description =
          "Norm of a PyTorch checkpoint that does not determine it: instance and layer look the"
              + " same there. Default: determined from the file.")
  public Norm norm;

  /** Reads the only model; {@code line} is for errors. */
  public LoadedModel read(EngineOptions engine, CommandLine line) throws IOException {
    return read(engine, new OnnxOptions(), line);
  }

  /**
   * Reads the only model.
   *
   * @param onnx what it does not tell, if it is in an ONNX file
   * @param line for errors
   */
  public LoadedModel read(EngineOptions engine, OnnxOptions onnx, CommandLine line)
      throws IOException {
    requireOne("this command", line);
    requireFiles();
    return read(paths.get(0), engine, onnx, line);
  }

  /** Refuses several models. */
  public void requireOne(String who, CommandLine line) {
    if (paths.size() > 1) {
      throw new ParameterException(
          line, who + " accepts one model, --load_path names " + paths.size() + ": " + paths);
    }
  }

  /** Detects a missing file before work begins. */
  public void requireFiles() throws IOException {
    for (Path path : paths) {
      Path file = LoadedModel.file(path);
      if (!Files.exists(path)) {
        throw new IOException("--load_path " + path + " does not exist: expected " + EXPECTED);
      }
      if (!Files.isRegularFile(file)) {
        throw new IOException("--load_path " + path + " holds no model.zip: expected " + EXPECTED);
      }
    }
  }

  /**
   * Reads one of the models.
   *
   * @param onnx what it does not tell, if it is in an ONNX file
   * @param line for errors
   */
  public LoadedModel read(Path path, EngineOptions engine, OnnxOptions onnx, CommandLine line)
      throws IOException {
    onnx.requireFor(path, line);
    if (norm != null && !LoadedModel.isCheckpoint(path)) {
      throw new ParameterException(
          line,
          "--norm is for PyTorch checkpoints (.pt, .pth), which may not determine it: omit it for "
              + path);
    }
    return Flags.naming(
        "--load_path", () -> LoadedModel.read(path, engine, Optional.ofNullable(norm), onnx));
  }
}
