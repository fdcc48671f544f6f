package org.udge.examples.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.environment.Nd4jEnvironment;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.engine.onednn.OneDnnEngine;
import org.udge.network.Mlp;

/** The facts that a problem report needs. */
final class Facts {

  private static final long MEBIBYTE = 1 << 20;

  private Facts() {}

  /** Names and values, in the order of printing. */
  static Map<String, String> collect() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("udge", Provenance.version());
    facts.put("java", property("java.version") + ", " + property("java.vm.name"));
    facts.put(
        "system", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
    facts.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    facts.put(
        "memory",
        "heap "
            + mebibytes(Runtime.getRuntime().maxMemory())
            + ", arrays "
            + mebibytes(Pointer.maxBytes())
            + ", process "
            + mebibytes(Pointer.maxPhysicalBytes()));
    // Starts the backend, with one sentence of advice if that fails.
    try (EnergyModel model = EnergyModel.builder(Mlp.of(4)).features(2).classes(2).build()) {
      Properties environment = Nd4j.getExecutioner().getEnvironmentInformation();
      facts.put(
          "nd4j",
          nd4jVersion()
              + ", backend "
              + Nd4j.getBackend().getClass().getSimpleName()
              + ", BLAS "
              + environment.getProperty(Nd4jEnvironment.BLAS_VENDOR_KEY));
      facts.put("gpus", gpus(environment));
      facts.put(
          "onednn",
          OneDnnEngine.availability().orElseGet(() -> "uses " + OneDnnEngine.instructions()));
      facts.put("engine chosen", model.engine().name() + ", threads " + model.engine().threads());
    }
    facts.put("javacpp", javaCppVersion());
    facts.put(
        "openmp",
        List.of("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME").stream()
            .map(name -> name + " " + Optional.ofNullable(System.getenv(name)).orElse("not set"))
            .collect(Collectors.joining(", ")));
    facts.put(
        "native libraries",
        Loader.getLoadedLibraries().keySet().stream().sorted().collect(Collectors.joining(", ")));
    return facts;
  }

  private static String property(String name) {
    return System.getProperty(name);
  }

  private static String mebibytes(long bytes) {
    return bytes / MEBIBYTE + " MiB";
  }

  private static String javaCppVersion() {
    try {
      return Loader.getVersion();
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
  }

  /** ND4J's version; the manifest of a jar with all dependencies names another. */
  private static String nd4jVersion() {
    Properties pom = new Properties();
    try (InputStream file =
        Nd4j.class.getResourceAsStream("/META-INF/maven/org.nd4j/nd4j-api/pom.properties")) {
      if (file != null) {
        pom.load(file);
      }
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
    return pom.getProperty("version", "unknown");
  }

  private static String gpus(Properties environment) {
    if (!(environment.get(Nd4jEnvironment.CUDA_DEVICE_INFORMATION_KEY)
        instanceof List<?> devices)) {
      return "none used";
    }
    return devices.stream()
        .map(Map.class::cast)
        .map(
            device ->
                device.get(Nd4jEnvironment.CUDA_DEVICE_NAME_KEY)
                    + ", compute capability "
                    + device.get(Nd4jEnvironment.CUDA_DEVICE_MAJOR_VERSION_KEY)
                    + "."
                    + device.get(Nd4jEnvironment.CUDA_DEVICE_MINOR_VERSION_KEY)
                    + ", "
                    + mebibytes(
                        ((Number) device.get(Nd4jEnvironment.CUDA_TOTAL_MEMORY_KEY)).longValue()))
        .collect(Collectors.joining("; "));
  }
}
