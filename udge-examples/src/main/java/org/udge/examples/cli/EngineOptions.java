package org.udge.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.udge.EnergyModel;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Precision;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The engine and its settings. */
public final class EngineOptions {

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--engine",
      defaultValue = "auto",
      description =
          "Engine that runs the network: auto (the fastest that can), graph (Deeplearning4j's"
              + " layers) or onednn (fused oneDNN primitives). Default: ${DEFAULT-VALUE}.")
  public EngineChoice engine;

  @Option(
      names = "--precision",
      defaultValue = "float32",
      description =
          "Arithmetic of inner layers: float32 or bfloat16 (onednn, CPUs with AVX512-BF16 or AMX)."
              + " Default: ${DEFAULT-VALUE}.")
  public Precision precision;

  @Option(
      names = "--threads",
      converter = Numbers.Threads.class,
      description =
          "Threads of the onednn engine. Default: the environment variable OMP_NUM_THREADS, else"
              + " one per core.")
  public Integer threads;

  /** Applies the options. */
  public EnergyModel.Builder configure(EnergyModel.Builder builder) {
    return builder.engine(settings());
  }

  /** The settings that the options specify. */
  public EngineSettings settings() {
    if (engine == EngineChoice.GRAPH && precision != Precision.FLOAT32) {
      throw new ParameterException(
          spec.commandLine(),
          "--precision "
              + Choice.text(precision)
              + " is for the onednn engine: it does not go with --engine graph");
    }
    EngineSettings settings = EngineSettings.of(engine).withPrecision(precision);
    return threads == null ? settings : settings.withThreads(threads);
  }

  /**
   * Threads for a file that ONNX Runtime runs.
   *
   * @throws ParameterException if an engine or a precision was chosen, which ONNX Runtime does not
   *     offer
   */
  public OptionalInt threadsOfOnnxRuntime(Path file) {
    if (engine != EngineChoice.AUTO || precision != Precision.FLOAT32) {
      throw new ParameterException(
          spec.commandLine(),
          (engine != EngineChoice.AUTO ? "--engine " : "--precision ")
              + Choice.text(engine != EngineChoice.AUTO ? engine : precision)
              + " is for models of udge: ONNX Runtime runs "
              + file
              + " as it is");
    }
    return threads == null ? OptionalInt.empty() : OptionalInt.of(threads);
  }

  /** Reads a model file. */
  public EnergyModel load(Path file) throws IOException {
    return EnergyModel.load(file, settings());
  }
}
