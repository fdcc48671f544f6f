package org.udge.data;

import java.util.List;

/** A set of images with the class indices of a model. */
record MatchedImages(ImageSource source, List<String> classNames, int[] classes)
    implements ImageSource {

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
  public int read(int index, float[] target, int offset) {
    return matched(source.read(index, target, offset));
  }

  @Override
  public int label(int index) {
    return matched(source.label(index));
  }

  private int matched(int label) {
    return label == Batch.UNLABELED ? label : classes[label];
  }
}
