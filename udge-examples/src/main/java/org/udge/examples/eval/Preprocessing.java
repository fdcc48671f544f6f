package org.udge.examples.eval;

import java.util.Optional;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.examples.models.LoadedModel;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;

/** Preprocessing of images before evaluation: noise, then refinement by Langevin dynamics. */
final class Preprocessing implements UnaryOperator<INDArray> {

  private final LoadedModel loaded;
  private final double sigma;
  private final Optional<Langevin> refinement;
  private final RandomStream random;

  Preprocessing(
      LoadedModel loaded, double sigma, Optional<Langevin> refinement, RandomStreams streams) {
    this.loaded = loaded;
    this.sigma = sigma;
    this.refinement = refinement;
    this.random = streams.stream("preprocessing");
  }

  @Override
  public INDArray apply(INDArray images) {
    if (sigma == 0 && refinement.isEmpty()) {
      return images;
    }
    float[] pixels = HostImages.copy(images);
    random.addGaussian(pixels, sigma);
    INDArray changed = HostImages.array(pixels, images.shape());
    refinement.ifPresent(
        langevin ->
            LangevinSampler.of(loaded.model().engine(), langevin)
                .run(changed, EnergyGradient.marginal(), NoiseSource.of(random)));
    return changed;
  }
}
