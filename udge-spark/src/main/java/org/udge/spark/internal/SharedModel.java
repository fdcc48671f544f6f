package org.udge.spark.internal;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.udge.EnergyModel;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;

/**
 * A model file that all executors open: broadcast to them once, or read by each from shared
 * storage. Executors that would compute something different from the driver are refused.
 *
 * @serial exclude
 */
public final class SharedModel implements Serializable {

  private static final long serialVersionUID = 1;

  private final String file;
  private final String sha256;
  private final EngineChoice choice;
  private final String engine;
  private final String classes;
  private final @Nullable Broadcast<byte[]> bytes;
  private final SerializableConfiguration configuration;

  SharedModel(
      String file,
      String sha256,
      EngineChoice choice,
      String engine,
      String classes,
      @Nullable Broadcast<byte[]> bytes,
      SerializableConfiguration configuration) {
    this.file = file;
    this.sha256 = sha256;
    this.choice = choice;
    this.engine = engine;
    this.classes = classes;
    this.bytes = bytes;
    this.configuration = configuration;
  }

  /**
   * Reads a model's file and opens it on the driver, so that errors are detected at once.
   *
   * @param context the application
   * @param file a path or URI of a Hadoop file system
   * @param choice the engine; {@link EngineChoice#AUTO} means the driver's engine on all executors
   * @param broadcast whether it is sent to the executors; otherwise each reads the file
   * @return the shared model
   * @throws IOException if it cannot be read
   */
  public static SharedModel of(
      SparkContext context, String file, EngineChoice choice, boolean broadcast)
      throws IOException {
    Configuration hadoop = context.hadoopConfiguration();
    byte[] content = read(file, hadoop);
    String sha256 = hash(content);
    if (Executor.isLocal()) {
      ExecutorModels.closeWith(context);
    }
    String engine;
    try (ExecutorModels.Lease lease =
        ExecutorModels.take(
            new ExecutorModels.Key(sha256, settings(choice)),
            settings -> ModelBytes.open(file, content, EnergyModel.loader().engine(settings)))) {
      engine = lease.model().engine().name();
    }
    return new SharedModel(
        file,
        sha256,
        choice,
        engine,
        ClassFingerprint.ofThisProcess(),
        broadcast ? JavaSparkContext.fromSparkContext(context).broadcast(content) : null,
        new SerializableConfiguration(hadoop));
  }

  /**
   * Whether this equals the result of another call of {@link #of}.
   *
   * @param context the application
   * @param other the file
   * @param otherChoice the engine
   * @param broadcast whether it is sent
   * @return true if the file's bytes are still the same
   * @throws IOException if it cannot be read
   */
  public boolean isStill(
      SparkContext context, String other, EngineChoice otherChoice, boolean broadcast)
      throws IOException {
    return other.equals(file)
        && otherChoice == choice
        && broadcast == (bytes != null)
        && hash(read(other, context.hadoopConfiguration())).equals(sha256);
  }

  /**
   * Borrows the model for a task.
   *
   * @return the model, to be returned
   * @throws org.udge.spark.data.ExecutorException if this process has classes, a file or an engine
   *     different from the driver's, or cannot open the model; the message names it
   */
  public ExecutorModels.Lease take() {
    Executor.limitNativeMemory();
    String here = ClassFingerprint.ofThisProcess();
    if (!here.equals(classes)) {
      throw Executor.failure(Differences.ofClasses(here, classes));
    }
    ExecutorModels.Lease lease;
    try {
      lease = ExecutorModels.take(new ExecutorModels.Key(sha256, settings(choice)), this::open);
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      throw Executor.failure("cannot open the model " + file + ": " + message(e), e);
    }
    String name = lease.model().engine().name();
    if (!name.equals(engine)) {
      lease.close();
      throw Executor.failure(Differences.ofEngines(name, engine));
    }
    return lease;
  }

  private EnergyModel open(EngineSettings settings) throws IOException {
    Broadcast<byte[]> sent = bytes;
    byte[] content = sent == null ? read(file, configuration.value()) : sent.value();
    String found = hash(content);
    if (!found.equals(sha256)) {
      throw new IOException(
          "its SHA-256 is "
              + found
              + ", on the driver it was "
              + sha256
              + ": put the same file everywhere, or let it be sent (broadcast)");
    }
    return ModelBytes.open(file, content, EnergyModel.loader().engine(settings));
  }

  private static EngineSettings settings(EngineChoice choice) {
    return EngineSettings.of(choice).withThreads(Executor.threadsPerTask());
  }

  private static byte[] read(String file, Configuration hadoop) throws IOException {
    Path path = new Path(file);
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      return in.readAllBytes();
    }
  }

  private static String hash(byte[] content) {
    return Hashing.sha256().hashBytes(content).toString();
  }

  private static String message(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /**
   * The file.
   *
   * @return as it was given
   */
  public String file() {
    return file;
  }
}
