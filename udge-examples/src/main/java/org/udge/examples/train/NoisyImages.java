package org.udge.examples.train;

import java.util.List;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Images with Gaussian noise, as evaluated by the published program; the noise of an image is a
 * function of the streams and its index.
 */
record NoisyImages(ImageSource source, double sigma, RandomStreams streams) implements ImageSource {

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public ImageShape shape() {
    return source.shape();
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public int label(int index) {
    return source.label(index);
  }

  @Override
  public int read(int index, float[] target, int offset) {
    int label = source.read(index, target, offset);
    RandomStream random = streams.stream("evaluation noise", index);
    int end = offset + shape().size();
    for (int i = offset; i < end; i++) {
      target[i] += (float) (sigma * random.nextGaussian());
    }
    return label;
  }
}
