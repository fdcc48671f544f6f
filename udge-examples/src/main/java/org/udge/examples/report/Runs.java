package org.udge.examples.report;

import java.util.List;

/**
 * The runs found.
 *
 * @param runs the runs, in the order of their names
 * @param problems files that could not be read
 */
record Runs(List<ReportRun> runs, List<Problem> problems) {}
