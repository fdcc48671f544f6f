/**
 * Listeners that record the progress of training in formats that other tools read.
 *
 * <p>{@link org.udge.training.report.ProgressCsv} writes a table, {@link
 * org.udge.training.report.TensorBoardListener} writes files for TensorBoard; both can also record
 * points within an epoch. {@link org.udge.training.report.TensorBoardWriter} writes custom events.
 *
 * <pre>{@code
 * Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
 *     .listener(ProgressCsv.of(folder.resolve("progress.csv")).withPointsEvery(100))
 *     .listener(TensorBoardListener.of(folder));
 * }</pre>
 */
@CheckReturnValue
@NullMarked
package org.udge.training.report;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
