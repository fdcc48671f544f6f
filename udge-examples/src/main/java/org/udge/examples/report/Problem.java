package org.udge.examples.report;

/** A file that is not shown, and why. */
record Problem(String file, String reason) {}
