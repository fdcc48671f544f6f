package org.udge.onnx;

import static org.udge.internal.Preconditions.checkState;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.internal.HostImages;
import org.udge.internal.Texts;

/** A graph in ONNX Runtime. Thread-safe; closing waits for passes in progress. */
final class Session implements AutoCloseable {

  /** The version that this library is built and tested with. */
  static final String RUNTIME = "com.microsoft.onnxruntime:onnxruntime:1.29.0";

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String input;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private Session(OrtEnvironment environment, OrtSession session, String input) {
    this.environment = environment;
    this.session = session;
    this.input = input;
  }

  /** The numbers of a tensor, in row-major order. */
  record Values(double[] numbers, long[] shape) {
    @Override
    public String toString() {
      return Arrays.toString(shape);
    }
  }

  /**
   * Starts a session.
   *
   * @param input name of the graph's input
   * @param threads that a pass may use; empty for ONNX Runtime's choice
   * @throws IOException if ONNX Runtime refuses the graph; the message does not name the file
   * @throws IllegalStateException if ONNX Runtime cannot be loaded on this platform
   * @throws NoClassDefFoundError if ONNX Runtime is not on the class path
   */
  static Session open(ModelProto model, String input, OptionalInt threads) throws IOException {
    OrtEnvironment environment = environment();
    ByteBuffer content = ByteBuffer.allocateDirect(model.getSerializedSize());
    CodedOutputStream out = CodedOutputStream.newInstance(content);
    model.writeTo(out);
    out.flush();
    content.flip();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // Errors are reported as exceptions.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setDeterministicCompute(true);
      options.setInterOpNumThreads(1);
      if (threads.isPresent()) {
        options.setIntraOpNumThreads(threads.getAsInt());
      }
      return new Session(environment, environment.createSession(content, options), input);
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime refuses its graph: " + reason(e), e);
    }
  }

  private static OrtEnvironment environment() {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      environment.setTelemetry(false);
      return environment;
    } catch (OrtException
        | RuntimeException
        | UnsatisfiedLinkError
        | ExceptionInInitializerError e) {
      throw new IllegalStateException(
          "ONNX Runtime cannot be loaded on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ": "
              + RUNTIME
              + " has native code for x86-64 and ARM Linux, ARM macOS and x86-64 Windows",
          e);
    }
  }

  private static String reason(OrtException e) {
    return Texts.shortenReason(String.valueOf(e.getMessage()));
  }

  /**
   * Computes one output.
   *
   * @param images dense float32
   * @param shape as the graph expects it
   * @param output name of the tensor
   * @throws IllegalStateException if this session is closed, or ONNX Runtime fails
   */
  Values run(INDArray images, long[] shape, String output) {
    lock.readLock().lock();
    try {
      checkState(!closed, "the classifier is closed");
      return HostImages.keeping(images, kept -> compute(pixels(kept), shape, output));
    } finally {
      lock.readLock().unlock();
    }
  }

  private static FloatBuffer pixels(INDArray images) {
    return images.data().asNioFloat().duplicate().limit(Math.toIntExact(images.length()));
  }

  private Values compute(FloatBuffer pixels, long[] shape, String output) {
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, pixels, shape);
        OrtSession.Result result = session.run(Map.of(input, tensor), Set.of(output))) {
      OnnxValue value = result.get(0);
      if (!(value instanceof OnnxTensor found)) {
        throw new IllegalStateException(
            "output '" + Texts.shorten(output) + "' is a " + value.getType() + ", no tensor");
      }
      return new Values(numbers(found, output), found.getInfo().getShape());
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot run the network: " + reason(e), e);
    }
  }

  private static double[] numbers(OnnxTensor tensor, String output) {
    if (tensor.getInfo().type == OnnxJavaType.DOUBLE) {
      DoubleBuffer doubles = tensor.getDoubleBuffer();
      double[] numbers = new double[doubles.remaining()];
      doubles.get(numbers);
      return numbers;
    }
    FloatBuffer floats = tensor.getFloatBuffer();
    if (floats == null) {
      throw new IllegalStateException(
          "output '"
              + Texts.shorten(output)
              + "' must hold floating-point numbers, holds "
              + tensor.getInfo().type);
    }
    double[] numbers = new double[floats.remaining()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = floats.get(i);
    }
    return numbers;
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot free the network: " + reason(e), e);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
