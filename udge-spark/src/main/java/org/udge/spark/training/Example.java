package org.udge.spark.training;

import static java.util.Objects.requireNonNull;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;

/**
 * An image of a distributed data set.
 *
 * @param pixels the pixels in the order channel, row, column, usually in [-1, 1]; kept, not copied
 * @param label class index, from 0
 * @serial exclude
 */
@DefaultSerializer(JavaSerializer.class)
@SuppressWarnings("ArrayRecordComponent") // there may be millions: neither copied nor compared
public record Example(float[] pixels, int label) implements Serializable {

  /**
   * Checks that there are pixels.
   *
   * @param pixels in the order channel, row, column
   * @param label class index
   */
  public Example {
    requireNonNull(pixels);
  }
}
