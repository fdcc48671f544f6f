package org.udge.internal;

import java.lang.annotation.ElementType;
import java.lang.annotation.Target;

/** What a method does with its arguments, for NullAway, in JetBrains' language of contracts. */
@Target(ElementType.METHOD)
@interface Contract {

  /** Returns the contract, for example {@code false, _ -> fail}. */
  String value();
}
