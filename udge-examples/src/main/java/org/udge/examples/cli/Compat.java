package org.udge.examples.cli;

/** Whose behavior to follow by default. */
public enum Compat {
  UDGE,
  REFERENCE
}
