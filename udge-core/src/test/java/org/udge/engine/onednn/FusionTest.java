package org.udge.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.udge.data.ImageShape;
import org.udge.engine.nodes.ActivationFunction;
import org.udge.engine.nodes.Network;
import org.udge.engine.nodes.NetworkReader;
import org.udge.engine.nodes.Node;
import org.udge.engine.nodes.Window;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

/** What becomes one node, what does not, and what is overwritten: networks made by hand. */
class FusionTest {

  private static final ActivationFunction LEAKY = ActivationFunction.relu(0.2);
  private static final ActivationFunction SWISH = ActivationFunction.swish(1);
  private static final Node IMAGES = new Node.Images("x");

  private static Node convolution(String name, String input) {
    return new Node.Convolution(
        name,
        input,
        4,
        4,
        1,
        Window.tiles(1, 1),
        Node.WeightOrder.OUT_IN_KERNEL,
        0,
        OptionalLong.empty(),
        true);
  }

  private static Node dense(String name, String input) {
    return new Node.Dense(name, input, 4, 4, 0, OptionalLong.empty(), true);
  }

  private static Node activation(String name, String input) {
    return new Node.Activation(name, input, LEAKY);
  }

  private static Node swish(String name, String input) {
    return new Node.Activation(name, input, SWISH);
  }

  private static Node dropout(String name, String input) {
    return new Node.Dropout(name, input, Node.Dropout.Kind.PLAIN, 0.5);
  }

  private static Node pool(String name, String input) {
    return new Node.GlobalPool(name, input, Node.Pool.Kind.AVERAGE_WITHOUT_PADDING);
  }

  private static Node add(String name, String... inputs) {
    return new Node.Add(name, List.of(inputs));
  }

  private static List<String> fuse(Node... nodes) {
    return Fusion.fuse(List.of(nodes)).stream().map(FusedNode::toString).toList();
  }

  @Test
  void a_rectifier_joins_the_convolution_or_dense_layer_before_it() {
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                activation("a", "c"),
                dense("d", "a"),
                activation("b", "d")))
        .containsExactly(
            "Images x [] -> x",
            "Convolution c [x], leaky relu 0.2 -> a",
            "Dense d [a], leaky relu 0.2 -> b");
  }

  @Test
  void a_rectifier_stays_apart_where_somebody_else_reads_its_argument() {
    assertThat(fuse(IMAGES, convolution("c", "x"), activation("a", "c"), pool("p", "c")))
        .containsExactly(
            "Images x [] -> x",
            "Convolution c [x] -> c",
            "Activation a [c] -> a",
            "GlobalPool p [c] -> p");
  }

  @Test
  void a_function_whose_derivative_needs_its_argument_stays_apart_and_overwrites_nothing() {
    assertThat(fuse(IMAGES, convolution("c", "x"), swish("a", "c")))
        .containsExactly("Images x [] -> x", "Convolution c [x] -> c", "Activation a [c] -> a");
    Node falling = new Node.Activation("a", "c", ActivationFunction.relu(-0.1));
    assertThat(fuse(IMAGES, convolution("c", "x"), falling))
        .containsExactly("Images x [] -> x", "Convolution c [x] -> c", "Activation a [c] -> a");
  }

  @Test
  void the_second_of_two_functions_neither_joins_nor_overwrites_the_first() {
    assertThat(fuse(IMAGES, convolution("c", "x"), activation("a", "c"), activation("b", "a")))
        .containsExactly(
            "Images x [] -> x", "Convolution c [x], leaky relu 0.2 -> a", "Activation b [a] -> b");
  }

  @Test
  void a_function_that_stays_apart_comes_directly_after_its_argument() {
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                convolution("d", "c"),
                pool("p", "d"),
                activation("a", "c"),
                add("s", "p", "a")))
        .containsExactly(
            "Images x [] -> x",
            "Convolution c [x] -> c",
            "Activation a [c] -> a",
            "Convolution d [c] -> d",
            "GlobalPool p [d] -> p",
            "Add s [p, a] -> s");
  }

  @Test
  void a_rectifier_behind_another_layer_overwrites_its_argument() {
    assertThat(fuse(IMAGES, pool("p", "x"), activation("a", "p")))
        .containsExactly(
            "Images x [] -> x", "GlobalPool p [x] -> p", "Activation a [p] in place -> a");
    assertThat(fuse(IMAGES, convolution("c", "x"), swish("s", "c"), activation("a", "s")))
        .endsWith("Activation a [s] in place -> a");
  }

  @Test
  void the_images_are_never_overwritten() {
    assertThat(fuse(IMAGES, activation("a", "x"))).endsWith("Activation a [x] -> a");
    assertThat(fuse(IMAGES, convolution("c", "x"), add("s", "c", "x")))
        .endsWith("Convolution c [x] + x -> s");
  }

  @Test
  void a_sum_joins_the_later_convolution_and_overwrites_the_other() {
    assertThat(fuse(IMAGES, convolution("c", "x"), convolution("d", "x"), add("s", "d", "c")))
        .containsExactly(
            "Images x [] -> x", "Convolution c [x] -> c", "Convolution d [x] + c in place -> s");
  }

  @Test
  void a_rectifier_joins_a_sum_that_only_it_reads() {
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                convolution("d", "x"),
                add("s", "c", "d"),
                activation("a", "s")))
        .endsWith("Convolution d [x] + c in place, leaky relu 0.2 -> a");
  }

  @Test
  void a_sum_overwrites_what_only_a_rectifier_has_read_before() {
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                activation("a", "c"),
                convolution("d", "a"),
                add("s", "d", "c")))
        .containsExactly(
            "Images x [] -> x",
            "Convolution c [x] -> c",
            "Activation a [c] -> a",
            "Convolution d [a] + c in place -> s");
  }

  @Test
  void a_sum_keeps_what_is_read_backward() {
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                swish("a", "c"),
                convolution("d", "a"),
                add("s", "d", "c")))
        .as("swish goes back through its argument c")
        .endsWith("Convolution d [a] + c -> s");
    assertThat(fuse(IMAGES, convolution("c", "x"), convolution("d", "c"), add("s", "d", "c")))
        .as("a convolution's weight gradient needs its input c")
        .endsWith("Convolution d [c] + c -> s");
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                activation("a", "c"),
                convolution("d", "x"),
                add("s", "d", "a")))
        .as("a rectifier goes back through its value a")
        .endsWith("Convolution d [x] + a -> s");
  }

  @Test
  void a_sum_keeps_what_is_read_later() {
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                convolution("d", "x"),
                add("s", "d", "c"),
                add("t", "s", "c")))
        .containsExactly(
            "Images x [] -> x",
            "Convolution c [x] -> c",
            "Convolution d [x] + c -> s",
            "Add t [s, c] -> t");
  }

  @Test
  void nothing_is_overwritten_through_another_shape_of_it() {
    Node reshape = new Node.Reshape("r", "x", new ImageShape(4, 2, 2));
    assertThat(fuse(IMAGES, reshape, activation("a", "r")))
        .as("r is x's memory")
        .endsWith("Activation a [r] -> a");
    assertThat(fuse(IMAGES, reshape, convolution("c", "r"), add("s", "c", "r")))
        .endsWith("Convolution c [r] + r -> s");
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                new Node.Reshape("r", "c", new ImageShape(4, 2, 2)),
                convolution("d", "x"),
                add("s", "d", "c"),
                convolution("e", "r")))
        .as("c is read later as r")
        .contains("Convolution d [x] + c -> s");
  }

  @Test
  void a_sum_stays_apart_without_a_convolution_of_its_own() {
    assertThat(fuse(IMAGES, pool("p", "x"), pool("q", "x"), add("s", "p", "q")))
        .endsWith("Add s [p, q] -> s");
    assertThat(
            fuse(IMAGES, convolution("c", "x"), pool("p", "c"), pool("q", "x"), add("s", "c", "q")))
        .as("the pooling reads c too")
        .endsWith("Add s [c, q] -> s");
    assertThat(fuse(IMAGES, convolution("c", "x"), add("s", "c", "c")))
        .as("twice the same")
        .endsWith("Convolution c [x] -> c", "Add s [c, c] -> s");
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                activation("a", "c"),
                pool("p", "x"),
                add("s", "a", "p")))
        .as("the function comes before the sum")
        .endsWith("Add s [a, p] -> s");
  }

  @Test
  void a_sum_of_three_stays_apart() {
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                convolution("d", "x"),
                convolution("e", "x"),
                add("s", "c", "d", "e")))
        .endsWith("Add s [c, d, e] -> s");
  }

  @Test
  void a_convolution_takes_one_sum_only() {
    assertThat(
            fuse(
                IMAGES,
                convolution("c", "x"),
                pool("p", "x"),
                pool("q", "x"),
                add("s", "c", "p"),
                add("t", "s", "q")))
        .endsWith("Convolution c [x] + p in place -> s", "Add t [s, q] -> t");
  }

  @Test
  void readers_of_dropout_read_its_input_when_it_is_off() {
    List<Node> nodes =
        List.of(
            IMAGES,
            convolution("c", "x"),
            dropout("o", "c"),
            dropout("o2", "o"),
            activation("a", "o2"),
            add("s", "a", "o"));
    assertThat(new Network(nodes).withoutDropout().nodes())
        .containsExactly(IMAGES, convolutionOf(nodes), activation("a", "c"), add("s", "a", "c"));
  }

  private static Node convolutionOf(List<Node> nodes) {
    return nodes.get(1);
  }

  @Test
  void dropout_keeps_a_rectifier_from_its_convolution() {
    List<Node> nodes =
        List.of(IMAGES, convolution("c", "x"), dropout("o", "c"), activation("a", "o"));
    assertThat(Fusion.fuse(nodes))
        .extracting(FusedNode::toString)
        .endsWith("Dropout o [c] -> o", "Activation a [o] in place -> a");
    assertThat(Fusion.fuse(new Network(nodes).withoutDropout().nodes()))
        .extracting(FusedNode::toString)
        .endsWith("Convolution c [x], leaky relu 0.2 -> a");
  }

  @Test
  void a_wide_residual_network_keeps_only_rectifiers_of_sums_that_are_read_twice_apart() {
    WideResNet network = WideResNet.of(10, 1);
    List<Node> nodes =
        NetworkReader.read(
                "test", network.initialize(new ImageShape(3, 8, 8), 10, RandomStreams.of(1)))
            .nodes();
    assertThat(Fusion.fuse(nodes))
        .extracting(FusedNode::toString)
        .containsExactlyInAnyOrder(
            "Images input [] -> input",
            "Convolution conv1 [input] -> conv1",
            "Activation layer1.0.lrelu1 [conv1] -> layer1.0.lrelu1",
            "Convolution layer1.0.conv1 [layer1.0.lrelu1], leaky relu 0.2 -> layer1.0.lrelu2",
            "Convolution layer1.0.conv2 [layer1.0.lrelu2] + conv1 in place -> layer1.0.add",
            "Activation layer2.0.lrelu1 [layer1.0.add] -> layer2.0.lrelu1",
            "Convolution layer2.0.shortcut.0 [layer1.0.add] -> layer2.0.shortcut.0",
            "Convolution layer2.0.conv1 [layer2.0.lrelu1], leaky relu 0.2 -> layer2.0.lrelu2",
            "Convolution layer2.0.conv2 [layer2.0.lrelu2] + layer2.0.shortcut.0 in place"
                + " -> layer2.0.add",
            "Activation layer3.0.lrelu1 [layer2.0.add] -> layer3.0.lrelu1",
            "Convolution layer3.0.shortcut.0 [layer2.0.add] -> layer3.0.shortcut.0",
            "Convolution layer3.0.conv1 [layer3.0.lrelu1], leaky relu 0.2 -> layer3.0.lrelu2",
            "Convolution layer3.0.conv2 [layer3.0.lrelu2] + layer3.0.shortcut.0 in place,"
                + " leaky relu 0.2 -> lrelu",
            "GlobalPool pool [lrelu] -> pool",
            "Dense class_output [pool] -> class_output");
  }

  @ParameterizedTest
  @EnumSource
  void every_input_is_made_before_it_is_read(org.udge.network.Norm norm) {
    WideResNet network = WideResNet.of(16, 1).withNorm(norm).withDropout(0.5);
    List<Node> nodes =
        NetworkReader.read(
                "test", network.initialize(new ImageShape(3, 8, 8), 10, RandomStreams.of(1)))
            .nodes();
    Set<String> made = new HashSet<>();
    for (FusedNode fused : Fusion.fuse(nodes)) {
      List<String> read = new ArrayList<>(fused.node().inputs());
      fused.addend().ifPresent(read::add);
      assertThat(made).as("before %s", fused).containsAll(read);
      made.add(fused.output());
    }
    assertThat(made).contains("class_output");
  }
}
