/**
 * The command {@code report}: runs, ours and those of other programs, as a page to look at.
 *
 * <p>{@link org.udge.examples.report.Report} is the command. The page is put together from the
 * resources beside this package: {@code runs.js} works out what is shown, {@code page.js} shows it.
 */
package org.udge.examples.report;
