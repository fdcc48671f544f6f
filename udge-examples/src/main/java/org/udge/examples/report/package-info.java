/**
 * The command {@code report}: shows runs of this and other programs on a page.
 *
 * <p>{@link org.udge.examples.report.Report} is the command. The page is assembled from the
 * resources next to this package: {@code runs.js} computes what is shown, and {@code page.js}
 * displays it.
 */
package org.udge.examples.report;
