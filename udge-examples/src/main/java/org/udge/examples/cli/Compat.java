package org.udge.examples.cli;

/** Whose ways to follow where no option says more. */
public enum Compat {
  UDGE,
  REFERENCE
}
