/**
 * Listeners that write down how training goes, in forms that others read.
 *
 * <p>{@link org.udge.training.report.ProgressCsv} writes a table, {@link
 * org.udge.training.report.TensorBoardListener} files for TensorBoard; both take points within an
 * epoch too. {@link org.udge.training.report.TensorBoardWriter} writes events of your own.
 *
 * <pre>{@code
 * Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
 *     .listener(ProgressCsv.of(folder.resolve("progress.csv")).withPointsEvery(100))
 *     .listener(TensorBoardListener.of(folder));
 * }</pre>
 */
package org.udge.training.report;
