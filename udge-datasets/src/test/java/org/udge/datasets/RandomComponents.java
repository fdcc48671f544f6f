package org.udge.datasets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.Engines;
import org.udge.data.Augmentation;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.datasets.synthetic.CorruptedImages;
import org.udge.datasets.synthetic.Corruption;
import org.udge.datasets.synthetic.FractalImages;
import org.udge.datasets.synthetic.InterpolatedImages;
import org.udge.datasets.synthetic.NoiseImages;
import org.udge.datasets.synthetic.PixMix;
import org.udge.datasets.synthetic.ScrambledImages;
import org.udge.datasets.synthetic.SyntheticName;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.graph.GraphEngine;
import org.udge.engine.onednn.OneDnnEngine;
import org.udge.evaluation.Bootstrap;
import org.udge.evaluation.ConfidenceInterval;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.detection.DetectionMetrics;
import org.udge.evaluation.robustness.LangevinRefinement;
import org.udge.evaluation.robustness.PerturbationNorm;
import org.udge.evaluation.robustness.ProjectedGradient;
import org.udge.evaluation.robustness.Refinement;
import org.udge.evaluation.robustness.RobustnessEvaluator;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.ConditionalSGLD;
import org.udge.loss.CrossEntropy;
import org.udge.loss.EnergyDiscrepancy;
import org.udge.loss.EnergyMargin;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.loss.MarginalContrastive;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.loss.QueueStart;
import org.udge.loss.RegMixup;
import org.udge.loss.SampleContext;
import org.udge.loss.SamplingLoss;
import org.udge.network.ActNormalization;
import org.udge.network.Architecture;
import org.udge.network.ConvNet;
import org.udge.network.Initialization;
import org.udge.network.Mlp;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;
import org.udge.sampling.ClassConditionalGaussian;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.ImageSampler;
import org.udge.sampling.InitialDistribution;
import org.udge.sampling.Langevin;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.sampling.UniformImages;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.SharpnessAware;
import org.udge.training.Trainer;
import org.udge.training.TrainingSession;

/** Everything random of the library, each as numbers drawn through its public methods. */
final class RandomComponents {

  static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  static final int CLASSES = 3;
  private static final WideResNet NETWORK = WideResNet.of(10, 1).withDropout(0.2);

  /** One network for all that only reads it. */
  private static final EnergyModel MODEL = model(EngineChoice.AUTO);

  private RandomComponents() {}

  /**
   * Something random.
   *
   * @param name for people
   * @param covers the public classes through which its randomness goes in
   * @param draw from a seed to numbers
   */
  record Component(String name, Set<Class<?>> covers, LongFunction<double[]> draw) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Component> all() {
    List<Component> all = new ArrayList<>();
    streams(all);
    networks(all);
    data(all);
    sampling(all);
    addSamples(all);
    losses(all);
    evaluation(all);
    for (Training training : trainings()) {
      add(all, "20 steps of " + training.name, training::parameters, Trainer.Builder.class);
    }
    return all;
  }

  private static void add(
      List<Component> all, String name, LongFunction<double[]> draw, Class<?>... covers) {
    all.add(new Component(name, Set.of(covers), draw));
  }

  /** A component that wants streams. */
  private static void addDrawn(
      List<Component> all,
      String name,
      Function<RandomStreams, double[]> draw,
      Class<?>... covers) {
    add(all, name, seed -> draw.apply(RandomStreams.of(seed)), covers);
  }

  private static void streams(List<Component> all) {
    addDrawn(all, "named stream", streams -> numbers(streams.child("a").stream("b", 1, 2)));
    addDrawn(
        all,
        "seed for another generator",
        streams -> new double[] {streams.seedFor("dropout", 3) >>> 11});
  }

  /** Some numbers of every kind. */
  static double[] numbers(RandomStream random) {
    float[] normal = new float[7];
    random.fillGaussian(normal);
    float[] uniform = new float[7];
    random.fillUniform(uniform, -1, 1);
    random.addGaussian(uniform, 0.1);
    List<Double> numbers = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      numbers.addAll(List.of((double) normal[i], (double) uniform[i]));
      numbers.addAll(List.of(random.nextDouble(), random.nextGaussian()));
      numbers.addAll(List.of((double) random.nextFloat(), (double) (random.nextLong() >>> 11)));
      numbers.addAll(List.of((double) random.nextInt(100), random.nextBoolean() ? 1.0 : 0.0));
    }
    Arrays.stream(random.permutation(9)).forEach(i -> numbers.add((double) i));
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void networks(List<Component> all) {
    for (Initialization initialization : Initialization.values()) {
      addDrawn(
          all,
          "initialization " + initialization,
          streams -> parameters(NETWORK.withInitialization(initialization), streams),
          Initialization.class,
          Architecture.class,
          WideResNet.class);
    }
    addDrawn(all, "perceptron", streams -> parameters(Mlp.of(5), streams), Mlp.class);
    addDrawn(all, "small network", streams -> parameters(ConvNet.of(4), streams), ConvNet.class);
    add(
        all,
        "model builder",
        seed -> {
          try (EnergyModel model = model(EngineChoice.AUTO, NETWORK, seed)) {
            return doubles(model.graph().params());
          }
        },
        EnergyModel.Builder.class);
    add(all, "dropout on engine.graph", seed -> dropout(EngineChoice.GRAPH, seed), Engine.class);
    add(
        all,
        "dropout on engine.graph, made directly",
        RandomComponents::graphDropout,
        GraphEngine.class);
    add(
        all,
        "dropout on engine.onednn, where it runs",
        seed ->
            dropout(
                OneDnnEngine.availability().isEmpty() ? EngineChoice.ONEDNN : EngineChoice.AUTO,
                seed),
        OneDnnEngine.class);
    addDrawn(
        all,
        "first batch of activation normalization, with dropout",
        streams -> {
          ComputationGraph graph = NETWORK.withNorm(Norm.ACT).initialize(SHAPE, CLASSES, streams);
          ActNormalization.initialize(graph, images(6));
          return doubles(graph.params());
        });
  }

  private static double[] parameters(Architecture architecture, RandomStreams streams) {
    return doubles(architecture.initialize(SHAPE, CLASSES, streams).params());
  }

  private static double[] dropout(EngineChoice choice, long seed) {
    try (Engine engine = Engines.create(MODEL.graph(), EngineSettings.of(choice).withThreads(1))) {
      return logits(engine, seed);
    }
  }

  private static double[] graphDropout(long seed) {
    try (Engine engine = GraphEngine.of(MODEL.graph())) {
      return logits(engine, seed);
    }
  }

  private static double[] logits(Engine engine, long seed) {
    try (Pass pass = engine.forward(images(4), Mode.TRAINING, seed)) {
      return doubles(pass.logits());
    }
  }

  static ImageSource source() {
    float[] pixels = new float[30 * SHAPE.size()];
    RandomStreams.of(77).stream("images").fillUniform(pixels, -1, 1);
    int[] labels = IntStream.range(0, 30).map(i -> i % CLASSES).toArray();
    return FloatImages.of("tiny", SHAPE, List.of("a", "b", "c"), pixels, labels);
  }

  static INDArray images(int count) {
    return source().read(IntStream.range(0, count).toArray()).images();
  }

  private static void data(List<Component> all) {
    addDrawn(
        all,
        "shuffled batches",
        streams -> twoEpochs(ShuffledBatches.builder(source(), 7, streams).build()),
        ShuffledBatches.class);
    addDrawn(
        all,
        "batches of shards",
        streams -> {
          try {
            Path file = Files.createTempFile("records", ".bin");
            Files.write(file, TestImages.randomBytes(30 * SHAPE.size(), 5));
            RecordFiles records = RecordLayout.of(SHAPE).open("records", List.of(file));
            double[] drawn =
                twoEpochs(
                    ShardedBatches.builder(records, 7, streams).blockSize(4).bufferSize(8).build());
            Files.delete(file);
            return drawn;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        ShardedBatches.class);
    addDrawn(
        all,
        "batches made ahead on three threads",
        streams -> {
          TrainingData plain = augmented(streams);
          try (PrefetchingData data = PrefetchingData.of(plain, 3)) {
            return twoEpochs(data);
          }
        });
    addAugmentation(all, "crop", Augmentations.reflectPadCrop(3));
    addAugmentation(all, "flip", Augmentations.horizontalFlip());
    addAugmentation(all, "noise", Augmentations.gaussianNoise(0.1));
    addAugmentation(all, "standard augmentation", Augmentations.standard(0.1));
    addAugmentation(all, "cutout", Augmentations.cutout(3));
    PixMix pixMix = PixMix.of(source());
    addDrawn(
        all,
        "mixture with pictures",
        streams -> {
          float[] pixels = new float[SHAPE.size()];
          pixMix.apply(pixels, 0, SHAPE, streams.stream("mix"));
          return doubles(pixels);
        },
        PixMix.class);
    addDrawn(
        all,
        "validation split",
        streams ->
            Arrays.stream(
                    Splits.stratified(source(), 9, streams.stream("v")).validation().indices())
                .asDoubleStream()
                .toArray(),
        Splits.class);
    addDrawn(
        all,
        "labels of some",
        streams ->
            Arrays.stream(
                    Splits.labelsPerClass(source(), 3, streams.stream("l")).labeled().indices())
                .asDoubleStream()
                .toArray(),
        Splits.class);
    add(
        all,
        "built-in drawings",
        seed -> {
          ShapesDataset shapes = ShapesDataset.seeded(seed);
          return join(pixels(shapes.train(3)), pixels(shapes.test(2)), pixels(shapes.unseen(2)));
        },
        ShapesDataset.class);
    addDrawn(
        all,
        "uniform noise images",
        streams -> pixels(NoiseImages.uniform(SHAPE, 2, streams)),
        NoiseImages.class);
    addDrawn(
        all,
        "normal noise images",
        streams -> pixels(NoiseImages.gaussian(SHAPE, 2, streams)),
        NoiseImages.class);
    addDrawn(
        all,
        "images of one color",
        streams -> pixels(NoiseImages.constant(SHAPE, 2, streams)),
        NoiseImages.class);
    addDrawn(
        all,
        "blurred noise images",
        streams -> pixels(NoiseImages.blurred(SHAPE, 2, 1.5, streams)),
        NoiseImages.class);
    addDrawn(
        all,
        "fractals",
        streams -> pixels(FractalImages.of(SHAPE, 2, streams)),
        FractalImages.class);
    addDrawn(
        all,
        "shuffled patches and permuted pixels",
        streams ->
            join(
                pixels(ScrambledImages.patches(source(), 4, streams)),
                pixels(ScrambledImages.pixels(source(), streams))),
        ScrambledImages.class);
    addDrawn(
        all,
        "damaged images",
        streams ->
            join(
                pixels(CorruptedImages.of(source(), Corruption.GAUSSIAN_NOISE, 3, streams)),
                pixels(SyntheticName.make("x+impulse_noise:5", source(), streams))),
        Corruption.class,
        CorruptedImages.class,
        SyntheticName.class);
    addDrawn(
        all,
        "means of two images",
        streams -> pixels(InterpolatedImages.of(source(), streams.stream("pairs"))),
        InterpolatedImages.class);
  }

  private static void addAugmentation(List<Component> all, String name, Augmentation change) {
    addDrawn(
        all,
        name,
        streams -> {
          float[] pixels = new float[20 * SHAPE.size()];
          ImageSource source = source();
          RandomStream random = streams.stream("augment");
          for (int i = 0; i < 20; i++) {
            source.read(i, pixels, i * SHAPE.size());
            change.apply(pixels, i * SHAPE.size(), SHAPE, random);
          }
          return doubles(pixels);
        },
        Augmentation.class);
  }

  private static TrainingData augmented(RandomStreams streams) {
    return ShuffledBatches.builder(source(), 6, streams)
        .augmentation(Augmentations.standard(0.03))
        .build();
  }

  private static double[] twoEpochs(TrainingData data) {
    double[] all = {};
    for (int i = 0; i < 2 * data.batchesPerEpoch(); i++) {
      try (Batch batch = data.batch(i / data.batchesPerEpoch(), i % data.batchesPerEpoch())) {
        all = join(all, doubles(batch.images()));
      }
    }
    return all;
  }

  private static double[] pixels(ImageSource images) {
    float[] pixels = new float[images.size() * images.shape().size()];
    for (int i = 0; i < images.size(); i++) {
      images.read(i, pixels, i * images.shape().size());
    }
    return doubles(pixels);
  }

  private static void sampling(List<Component> all) {
    addStart(all, "uniform starts", UniformImages.ofDefaults(), UniformImages.class);
    addStart(
        all,
        "class-conditional starts",
        ClassConditionalGaussian.fit(source()),
        ClassConditionalGaussian.class);
    for (boolean replacement : new boolean[] {false, true}) {
      addDrawn(
          all,
          replacement ? "replay buffer with replacement" : "replay buffer",
          streams -> replayed(replacement, streams),
          ReplayBuffer.class);
    }
    addLangevin(all, "Langevin dynamics", Langevin.ofSteps(3), EnergyGradient.marginal());
    addLangevin(
        all,
        "Langevin dynamics with Metropolis correction",
        Langevin.ofSteps(5).withStepSize(0.5).withTemperature(1).withMetropolis(true),
        EnergyGradient.conditional(0, 1, 2));
  }

  private static void addStart(
      List<Component> all, String name, InitialDistribution start, Class<?> type) {
    addDrawn(
        all,
        name,
        streams ->
            join(
                doubles(start.draw(SHAPE, 2, streams.stream("start", 0))),
                doubles(start.draw(SHAPE, Batch.UNLABELED, streams.stream("start", 1)))),
        InitialDistribution.class,
        type);
  }

  private static double[] replayed(boolean replacement, RandomStreams streams) {
    ReplayBuffer buffer =
        ReplayBuffer.of(Replay.ofSize(12).withReplacement(replacement), SHAPE, CLASSES);
    double[] all = {};
    for (int i = 0; i < 3; i++) {
      all = join(all, drawAndStore(buffer, streams.stream("buffer", i)));
    }
    INDArray chains = images(3);
    buffer.draw(chains, new int[] {0, 1, 2}, streams.stream("buffer", 9));
    return join(all, doubles(chains));
  }

  /** Which slots chains came from, and where they start. */
  static double[] drawAndStore(ReplayBuffer buffer, RandomStream random) {
    INDArray chains = images(5);
    ReplayBuffer.Draw draw = buffer.draw(chains, random);
    buffer.store(draw.slots(), chains);
    return join(Arrays.stream(draw.slots()).asDoubleStream().toArray(), doubles(chains));
  }

  private static void addLangevin(
      List<Component> all, String name, Langevin settings, EnergyGradient energy) {
    addDrawn(
        all,
        name,
        streams -> {
          INDArray chains = images(3);
          LangevinSampler.of(MODEL.engine(), settings)
              .run(chains, energy, NoiseSource.of(streams.stream("langevin")));
          return doubles(chains);
        },
        NoiseSource.class);
  }

  private static void addSamples(List<Component> all) {
    ImageSampler sampler = ImageSampler.of(MODEL, Langevin.ofSteps(2));
    addDrawn(
        all,
        "samples of a model",
        streams ->
            join(
                doubles(sampler.draw(streams.stream("any"), 2).images()),
                doubles(sampler.drawClasses(streams.stream("classes"), 2, 0).images())),
        ImageSampler.class);
    addDrawn(
        all,
        "continued chains",
        streams -> {
          ReplayBuffer buffer = ReplayBuffer.of(Replay.ofSize(2 * CLASSES), SHAPE, CLASSES);
          buffer.fill(images(2 * CLASSES));
          return join(
              doubles(sampler.continueChains(buffer, streams.stream("any"), 2).images()),
              doubles(sampler.continueClasses(buffer, streams.stream("classes"), 1, 0).images()));
        },
        ImageSampler.class);
  }

  private static void losses(List<Component> all) {
    for (LossTerm term : List.of(conditionalContrast(), marginalContrast())) {
      addDrawn(
          all,
          "queue of " + term.name() + " that starts with noise",
          streams ->
              doubles(
                  term.begin(LossSetup.of(CLASSES, SHAPE, streams))
                      .captureState()
                      .getState("queue")
                      .getFloats("columns")),
          LossSetup.class);
    }
    MarginalSGLD marginal =
        MarginalSGLD.ofDefaults().withLangevin(Langevin.ofSteps(2)).withBatchSize(4);
    addChains(all, "of p(x)", marginal);
    addChains(all, "of p(y) p(x|y)", marginal.withClassConditional(true));
    addChains(all, "of p(x|y)", ConditionalSGLD.ofDefaults().withLangevin(Langevin.ofSteps(2)));
  }

  private static void addChains(List<Component> all, String name, LossTerm term) {
    addDrawn(
        all,
        "samples " + name,
        streams -> {
          SamplingLoss run =
              (SamplingLoss) term.begin(LossSetup.of(CLASSES, SHAPE, RandomStreams.of(0)));
          double[] drawn = {};
          for (int step = 0; step < 2; step++) {
            drawn = join(drawn, drawSamples(run, step, streams));
          }
          return drawn;
        },
        SampleContext.class);
  }

  static double[] drawSamples(SamplingLoss run, long step, RandomStreams streams) {
    Batch batch = run.draw(SampleContext.of(MODEL.engine(), new int[] {0, 1, 2}, step, streams));
    return join(doubles(batch.images()), Arrays.stream(batch.labels()).asDoubleStream().toArray());
  }

  private static void evaluation(List<Component> all) {
    ProjectedGradient attack = ProjectedGradient.linf(0.1).withSteps(2).withRestarts(2);
    addAttack(all, "attack within a box", attack);
    addAttack(all, "attack within a ball", ProjectedGradient.l2(1).withSteps(2));
    addAttack(
        all,
        "attack in expectation over noise",
        attack.withRandomStart(false).withRefinement(Refinement.noise(0.1), 3),
        Refinement.class);
    addAttack(
        all,
        "attack around a random change",
        ProjectedGradient.fastGradient(PerturbationNorm.L2, 1)
            .withRefinement(
                Refinement.around((images, random) -> images.add(random.nextGaussian())), 2),
        Refinement.class);
    addDrawn(
        all,
        "refinement by Langevin dynamics",
        streams ->
            doubles(
                LangevinRefinement.of(MODEL, 2)
                    .refine(images(2), streams.stream("refine"))
                    .images()),
        LangevinRefinement.class);
    addDrawn(
        all,
        "robustness",
        streams -> {
          RobustnessEvaluator robustness =
              RobustnessEvaluator.of(ProjectedGradient.l2(0.5).withSteps(1), streams)
                  .withEpsilons(0.05, 0.1, 0.5, 1, 2, 4);
          return Evaluation.of(MODEL)
              .with(robustness)
              .run(source())
              .get(robustness)
              .distances()
              .stream()
              .mapToDouble(d -> d)
              .toArray();
        },
        RobustnessEvaluator.class);
    double[] values = doubles(images(1));
    addInterval(all, "interval of a mean", bootstrap -> bootstrap.mean(values));
    addInterval(
        all,
        "interval of an area",
        bootstrap ->
            bootstrap.interval(
                Arrays.copyOf(values, 30),
                Arrays.copyOfRange(values, 30, 70),
                DetectionMetrics::auroc));
  }

  private static void addAttack(
      List<Component> all, String name, ProjectedGradient attack, Class<?>... covers) {
    Class<?>[] more = Arrays.copyOf(covers, covers.length + 1);
    more[covers.length] = ProjectedGradient.class;
    addDrawn(
        all,
        name,
        streams -> doubles(attack.perturb(MODEL, images(3), new int[] {0, 1, 2}, streams).images()),
        more);
  }

  private static void addInterval(
      List<Component> all, String name, Function<Bootstrap, ConfidenceInterval> interval) {
    addDrawn(
        all,
        name,
        streams -> {
          ConfidenceInterval found = interval.apply(Bootstrap.of(streams).withResamples(50));
          return new double[] {found.lower(), found.upper()};
        },
        Bootstrap.class);
  }

  /**
   * Training of a tiny network with dropout.
   *
   * @param name for people
   * @param engine what runs it
   * @param objective what to minimize
   * @param sharp whether updates are sharpness-aware
   */
  record Training(String name, EngineChoice engine, Objective objective, boolean sharp) {

    private static final int STEPS = 20;

    double[] parameters(long seed) {
      return parameters(seed, model -> {});
    }

    /** The parameters after 20 steps, with something done to the model between them. */
    double[] parameters(long seed, java.util.function.Consumer<EnergyModel> between) {
      try (EnergyModel model = model(engine)) {
        TrainingSession session = begin(model, seed);
        for (int step = 0; step < STEPS; step++) {
          step(session);
          if (step % 5 == 2) {
            between.accept(model);
          }
        }
        return doubles(model.graph().params());
      }
    }

    TrainingSession begin(EnergyModel model, long seed) {
      Trainer.Builder trainer =
          Trainer.builder(model, objective).learningRate(LearningRate.constant(1e-3)).seed(seed);
      if (sharp) {
        trainer.sharpnessAware(new SharpnessAware(0.05));
      }
      return trainer.build().begin();
    }

    static void step(TrainingSession session) {
      TrainingData data = augmented(RandomStreams.of(3));
      int perEpoch = data.batchesPerEpoch();
      try (Batch batch =
          data.batch(session.steps() / perEpoch, (int) (session.steps() % perEpoch))) {
        session.step(batch);
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Training> trainings() {
    Objective crossEntropy = Objective.of(CrossEntropy.ofDefaults());
    Langevin two = Langevin.ofSteps(2);
    Replay replay = Replay.ofSize(24);
    return List.of(
        new Training("cross entropy on engine.graph", EngineChoice.GRAPH, crossEntropy, false),
        new Training("cross entropy", EngineChoice.AUTO, crossEntropy, false),
        new Training(
            "both contrastive terms",
            EngineChoice.AUTO,
            crossEntropy.plus(conditionalContrast()).plus(marginalContrast()),
            false),
        new Training(
            "samples of p(x)",
            EngineChoice.AUTO,
            crossEntropy.plus(
                0.1,
                MarginalSGLD.ofDefaults().withLangevin(two).withReplay(replay).withBatchSize(4)),
            false),
        new Training(
            "samples of p(x|y)",
            EngineChoice.AUTO,
            crossEntropy.plus(
                0.1, ConditionalSGLD.ofDefaults().withLangevin(two).withReplay(replay)),
            false),
        new Training(
            "terms with images of their own",
            EngineChoice.AUTO,
            crossEntropy
                .plus(0.5, RegMixup.ofDefaults())
                .plus(0.1, EnergyMargin.of(source()))
                .plus(EnergyDiscrepancy.ofDefaults()),
            false),
        new Training("sharpness-aware updates", EngineChoice.AUTO, crossEntropy, true));
  }

  private static ConditionalContrastive conditionalContrast() {
    return ConditionalContrastive.ofDefaults().withQueue(noisyQueue());
  }

  private static MarginalContrastive marginalContrast() {
    return MarginalContrastive.ofDefaults().withQueue(noisyQueue());
  }

  private static NegativeQueueSettings noisyQueue() {
    return NegativeQueueSettings.ofDefaults().withCapacity(64).withStart(QueueStart.NOISE);
  }

  static EnergyModel model(EngineChoice engine) {
    return model(engine, NETWORK, 5);
  }

  private static EnergyModel model(EngineChoice engine, Architecture network, long seed) {
    return EnergyModel.builder(network)
        .shape(SHAPE)
        .classNames(List.of("a", "b", "c"))
        .seed(seed)
        .engine(EngineSettings.of(engine))
        .build();
  }

  static double[] doubles(INDArray array) {
    return doubles(array.dup('c').data().asFloat());
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static double[] join(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }
}
