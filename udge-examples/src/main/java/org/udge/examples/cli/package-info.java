/**
 * Shared by all commands: flags and their values, errors in one line, run folders, JSON, progress.
 */
package org.udge.examples.cli;
