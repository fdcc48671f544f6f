package org.udge.engine.onednn;

import org.bytedeco.javacpp.Pointer;

/** A memory address that is owned elsewhere. */
final class Address extends Pointer {

  Address(long address) {
    super((Pointer) null);
    this.address = address;
  }
}
