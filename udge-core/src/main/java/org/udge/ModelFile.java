package org.udge;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.ByteStreams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.udge.data.ImageShape;
import org.udge.engine.EngineSettings;
import org.udge.state.AtomicFiles;

/**
 * The file format of models: a zip of Deeplearning4j's {@code ModelSerializer} with one entry more,
 * {@code udge-model.json}.
 */
final class ModelFile {

  /** Raise it when older readers could misunderstand newer files. */
  static final int FORMAT = 1;

  private static final String ENTRY = "udge-model.json";
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private record Description(
      @JsonProperty("format") int format,
      @JsonProperty("shape") int[] shape,
      @JsonProperty("classNames") List<String> classNames,
      @JsonProperty("calibrationScale") double[] calibrationScale,
      @JsonProperty("calibrationBias") double[] calibrationBias,
      @JsonProperty("provenance") Map<String, String> provenance) {}

  private ModelFile() {}

  static void write(EnergyModel model, Path file) throws IOException {
    byte[] description = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(describe(model));
    AtomicFiles.write(
        file,
        temporary -> {
          ModelSerializer.writeModel(model.graph(), temporary.toFile(), false);
          try (FileSystem zip = FileSystems.newFileSystem(temporary)) {
            Path entry = zip.getPath(ENTRY);
            Files.write(entry, description);
          }
        });
  }

  private static Description describe(EnergyModel model) {
    return new Description(
        FORMAT,
        model
            .knownShape()
            .map(s -> new int[] {s.channels(), s.height(), s.width()})
            .orElse(new int[0]),
        model.classNames(),
        model.calibration().map(Calibration::scale).orElse(new double[0]),
        model.calibration().map(Calibration::bias).orElse(new double[0]),
        Provenance.capture(model.engine()).entries());
  }

  static EnergyModel read(Path file, EngineSettings engine) throws IOException {
    Description description = readDescription(file);
    ComputationGraph graph;
    try {
      graph = ModelSerializer.restoreComputationGraph(file.toFile(), false);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "model file " + file + " is damaged: its network cannot be read (" + e.getMessage() + ")",
          e);
    }
    EnergyModel.Builder builder =
        EnergyModel.builder(graph).classNames(description.classNames).engine(engine);
    if (description.shape.length == 3) {
      builder.shape(
          new ImageShape(description.shape[0], description.shape[1], description.shape[2]));
    }
    try {
      if (description.calibrationScale != null && description.calibrationScale.length > 0) {
        checkArgument(description.calibrationBias != null, "its calibration has no bias");
        builder.calibration(
            Calibration.vector(description.calibrationScale, description.calibrationBias));
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new IOException("model file " + file + " contradicts itself: " + e.getMessage(), e);
    }
  }

  /** Nobody else looks at the checksums: a flipped bit would be a parameter of another value. */
  private static void checkIntact(Path file, ZipFile zip) throws IOException {
    for (ZipEntry entry : Collections.list(zip.entries())) {
      CheckedInputStream content = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
      try (content) {
        ByteStreams.exhaust(content);
      }
      if (content.getChecksum().getValue() != entry.getCrc()) {
        throw new IOException(
            "model file " + file + " is damaged: checksum of entry " + entry.getName());
      }
    }
  }

  private static Description readDescription(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such model file");
    }
    byte[] json;
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Optional<? extends ZipEntry> entry = Optional.ofNullable(zip.getEntry(ENTRY));
      if (entry.isEmpty()) {
        throw new IOException(
            "file "
                + file
                + " is a zip but not a model of this library: it has no entry "
                + ENTRY
                + ". Read Deeplearning4j's own models with ModelSerializer and EnergyModel.of(graph)");
      }
      json = zip.getInputStream(entry.get()).readAllBytes();
      checkIntact(file, zip);
    } catch (ZipException e) {
      throw new IOException(
          "file " + file + " is not a model of this library, or is damaged: not a zip archive", e);
    }
    Description description;
    try {
      description = JSON.readValue(new String(json, StandardCharsets.UTF_8), Description.class);
    } catch (JsonProcessingException e) {
      throw new IOException("model file " + file + " is damaged: bad entry " + ENTRY, e);
    }
    if (description == null || description.shape == null || description.classNames == null) {
      throw new IOException("model file " + file + " is damaged: incomplete entry " + ENTRY);
    }
    if (description.format > FORMAT) {
      throw new IOException(
          String.format(
              "model file %s has format %d, this version reads up to %d: use a newer version of"
                  + " this library",
              file, description.format, FORMAT));
    }
    return description;
  }
}
