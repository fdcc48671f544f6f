package org.udge.internal;

import java.lang.annotation.ElementType;
import java.lang.annotation.Target;

/** Describes the effect of a method's arguments to NullAway, in JetBrains' contract language. */
@Target(ElementType.METHOD)
@interface Contract {

  /** Returns the contract, for example {@code false, _ -> fail}. */
  String value();
}
