package org.udge.interop;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.data.ImageShape;
import org.udge.internal.Texts;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

/**
 * Creates a {@link WideResNet} from a checkpoint of the published programs (Grathwohl et al. 2020,
 * "Your classifier is secretly an energy based model"; Liu &amp; Abbeel 2020, "Hybrid
 * discriminative-generative training via contrastive learning").
 *
 * <p>Depth, width, norm, channels and classes are inferred from names and shapes: {@code
 * f.conv1.weight}, {@code f.layer1.0.conv1.weight}, ..., {@code f.bn1.weight}, {@code
 * class_output.weight}. The replay buffer, {@code replay_buffer}, and the contrastive queue, {@code
 * queue_logit} and {@code queue_ptr}, are read too. {@code energy_output.*} and {@code f.linear.*},
 * which those programs never train, and {@code num_batches_tracked} are ignored; any other tensor
 * that does not belong to the network is an error.
 *
 * <p>Instance and layer normalization cannot be distinguished in a file: specify them with {@link
 * #norm}.
 *
 * <pre>{@code
 * ImportedWideResNet imported = PyTorchWideResNet.importer().read(folder.resolve("ckpt.pt"));
 * EnergyModel published = EnergyModel.of(imported.graph());
 * }</pre>
 *
 * <p>Immutable and thread-safe: the methods that set an option return a changed copy.
 */
public final class PyTorchWideResNet {

  private static final String PREFIX = "f.";
  private static final String HEAD = "class_output";
  private static final String FIRST_BLOCK = "layer1.0.conv1";
  private static final String REPLAY_BUFFER = "replay_buffer";
  private static final String QUEUE = "queue_logit";
  private static final String QUEUE_POSITION = "queue_ptr";

  private static final Pattern IGNORED =
      Pattern.compile("energy_output\\..*|f\\.linear\\..*|f\\..*\\.num_batches_tracked");

  private static final int BASE_CHANNELS = 16;

  /**
   * A network of 1,204 layers; a larger one would take long to describe before a missing tensor is
   * noticed.
   */
  private static final int MAX_BLOCKS = 200;

  private final Optional<Norm> norm;
  private final int height;
  private final int width;

  private PyTorchWideResNet(Optional<Norm> norm, int height, int width) {
    this.norm = norm;
    this.height = height;
    this.width = width;
  }

  /**
   * Returns an importer that infers the norm and expects images of 32 x 32.
   *
   * @return the importer
   */
  public static PyTorchWideResNet importer() {
    return new PyTorchWideResNet(Optional.empty(), 32, 32);
  }

  /**
   * Returns a copy with a given norm. Required only for instance and layer normalization.
   *
   * @param kind the normalization of activations
   * @return a copy
   */
  public PyTorchWideResNet norm(Norm kind) {
    return new PyTorchWideResNet(Optional.of(requireNonNull(kind, "norm")), height, width);
  }

  /**
   * Returns a copy with another size of images. Parameters do not depend on it; the replay buffer
   * must match it.
   *
   * @param rows the height, a multiple of 4; default 32
   * @param columns the width, a multiple of 4; default 32
   * @return a copy
   * @throws IllegalArgumentException if one is not a positive multiple of 4
   */
  public PyTorchWideResNet imageSize(int rows, int columns) {
    checkArgument(
        rows > 0 && rows % 4 == 0 && columns > 0 && columns % 4 == 0,
        "image size must be positive multiples of 4, was %s x %s",
        rows,
        columns);
    return new PyTorchWideResNet(norm, rows, columns);
  }

  /**
   * Reads a checkpoint and creates the network.
   *
   * @param file a file written by {@code torch.save} of PyTorch 1.6 or later, or a safetensors
   *     file, whose name ends in {@code .safetensors}
   * @return the network and the other content of the checkpoint
   * @throws IOException as {@link PyTorchCheckpoint#read} or {@link SafeTensors#read}
   * @throws IllegalArgumentException as {@link #convert}
   */
  public ImportedWideResNet read(Path file) throws IOException {
    return file.toString().endsWith(".safetensors")
        ? convert(new PyTorchCheckpoint(file, SafeTensors.read(file).tensors(), Map.of()))
        : convert(PyTorchCheckpoint.read(file));
  }

  /**
   * Creates the network of a checkpoint.
   *
   * @param checkpoint a checkpoint with the published names
   * @return the network and the other content of the checkpoint
   * @throws IllegalArgumentException if a tensor is missing, of another shape or unknown, or the
   *     norm is not {@linkplain #norm set} where it must be; the message names the file, the
   *     tensor, its shape and the one expected
   */
  public ImportedWideResNet convert(PyTorchCheckpoint checkpoint) {
    return new Conversion(checkpoint).run();
  }

  /**
   * Returns a network's parameters by the published names, for PyTorch, which is the reverse
   * conversion: {@code f.conv1.weight}, ..., {@code class_output.bias}, including the running means
   * and variances of batch normalization.
   *
   * @param graph the graph of a {@link WideResNet}
   * @return an unmodifiable map of copies, in the order of the layers
   * @throws IllegalArgumentException if the graph's layers are not named as those of a WideResNet
   */
  public static Map<String, Tensor> stateDict(ComputationGraph graph) {
    checkArgument(
        graph.getConfiguration().getVertices().keySet().containsAll(List.of(FIRST_BLOCK, HEAD)),
        "the published names are those of a WideResNet, with layers '%s' and '%s'; this network"
            + " has %s",
        FIRST_BLOCK,
        HEAD,
        graph.getConfiguration().getVertices().keySet());
    return Collections.unmodifiableMap(
        new TorchParameters(graph.getConfiguration(), HEAD, PREFIX).tensors(graph));
  }

  /** The conversion of one checkpoint. */
  private final class Conversion {

    private final PyTorchCheckpoint checkpoint;
    private final Map<String, Tensor> tensors;

    Conversion(PyTorchCheckpoint checkpoint) {
      this.checkpoint = checkpoint;
      this.tensors = checkpoint.stateDict();
    }

    ImportedWideResNet run() {
      Tensor first = weight("f.conv1.weight", 4);
      ImageShape shape = new ImageShape(first.size(1), height, width);
      int classes = weight("class_output.weight", 2).size(0);
      WideResNet architecture = architecture();
      ComputationGraphConfiguration configuration = architecture.configuration(shape, classes);
      TorchParameters parameters = new TorchParameters(configuration, HEAD, PREFIX);
      // Before any memory is allocated for parameters: the tensors present bound their number.
      parameters.check(tensors, checkpoint.file() + " as " + describe(architecture));
      refuseOthers(parameters, architecture);
      Optional<Tensor> replayBuffer = replayBuffer(shape);
      Optional<ContrastiveQueue> queue = queue(classes);
      ComputationGraph graph = architecture.initialize(shape, classes, RandomStreams.of(0));
      parameters.copy(tensors, graph);
      return new ImportedWideResNet(architecture, shape, classes, graph, replayBuffer, queue);
    }

    private Tensor weight(String name, int rank) {
      Tensor tensor = tensors.get(name);
      checkArgument(
          tensor != null,
          "%s: tensor '%s', as the published programs name it, is missing; it has %s",
          checkpoint.file(),
          name,
          PyTorchCheckpoint.some(tensors));
      checkArgument(
          tensor.rank() == rank && tensor.size() > 0,
          "%s: tensor '%s' is of shape %s, expected %s sizes above 0",
          checkpoint.file(),
          name,
          Arrays.toString(tensor.shape()),
          rank);
      return tensor;
    }

    private WideResNet architecture() {
      int blocks = 1;
      while (tensors.containsKey("f.layer1." + blocks + ".conv1.weight")) {
        blocks++;
      }
      checkArgument(
          blocks <= MAX_BLOCKS,
          "%s: 'f.layer1' has %s blocks, expected at most %s",
          checkpoint.file(),
          blocks,
          MAX_BLOCKS);
      int channels = weight("f.layer1.0.conv1.weight", 4).size(0);
      checkArgument(
          channels % BASE_CHANNELS == 0,
          "%s: tensor 'f.layer1.0.conv1.weight' has %s output channels, expected a multiple of %s",
          checkpoint.file(),
          channels,
          BASE_CHANNELS);
      return WideResNet.of(6 * blocks + 4, channels / BASE_CHANNELS)
          .withNorm(norm.orElseGet(this::findNorm));
    }

    private Norm findNorm() {
      if (tensors.containsKey("f.bn1.running_mean")) {
        return Norm.BATCH;
      }
      if (tensors.containsKey("f.bn1.loc")) {
        return Norm.ACT;
      }
      checkArgument(
          !tensors.containsKey("f.bn1.weight"),
          "%s: tensor 'f.bn1.weight' belongs to instance or to layer normalization, which look the"
              + " same in a checkpoint: set the norm to INSTANCE or LAYER",
          checkpoint.file());
      return Norm.NONE;
    }

    private void refuseOthers(TorchParameters parameters, WideResNet architecture) {
      tensors.forEach(
          (name, tensor) ->
              checkArgument(
                  parameters.has(name) || isKnownElsewhere(name),
                  "%s: tensor '%s' of shape %s is none of %s",
                  checkpoint.file(),
                  Texts.shorten(name),
                  Arrays.toString(tensor.shape()),
                  describe(architecture)));
    }

    private boolean isKnownElsewhere(String name) {
      return IGNORED.matcher(name).matches()
          || name.equals(QUEUE)
          || name.equals(QUEUE_POSITION)
          || name.equals(REPLAY_BUFFER);
    }

    private Optional<Tensor> replayBuffer(ImageShape shape) {
      Tensor buffer = checkpoint.tensors().get(REPLAY_BUFFER);
      if (buffer == null) {
        return Optional.empty();
      }
      checkArgument(
          buffer.rank() == 4 && buffer.hasShape(shape.batch(buffer.size(0))),
          "%s: tensor '%s' is of shape %s, expected [n, %s, %s, %s]",
          checkpoint.file(),
          REPLAY_BUFFER,
          Arrays.toString(buffer.shape()),
          shape.channels(),
          shape.height(),
          shape.width());
      return Optional.of(buffer);
    }

    private Optional<ContrastiveQueue> queue(int classes) {
      if (!tensors.containsKey(QUEUE)) {
        return Optional.empty();
      }
      Tensor logits = weight(QUEUE, 2);
      checkArgument(
          logits.size(0) == classes,
          "%s: tensor '%s' is of shape %s, expected [%s, slots]",
          checkpoint.file(),
          QUEUE,
          Arrays.toString(logits.shape()),
          classes);
      Tensor position = weight(QUEUE_POSITION, 1);
      checkArgument(
          position.hasShape(1)
              && position.getDouble(0) >= 0
              && position.getDouble(0) < logits.size(1),
          "%s: tensor '%s' must be one number from 0 to %s, was %s",
          checkpoint.file(),
          QUEUE_POSITION,
          logits.size(1) - 1,
          position.size() == 1 ? Arrays.toString(position.toDoubles()) : position);
      return Optional.of(new ContrastiveQueue(logits, (int) position.getDouble(0)));
    }

    private String describe(WideResNet architecture) {
      return architecture.name() + " with norm " + architecture.norm();
    }
  }
}
