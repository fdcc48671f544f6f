package org.udge.examples;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** {@code --debug}, of every command. */
abstract class DebugOption {

  static final String NAME = "--debug";

  @Option(names = NAME, description = "Print stack traces of errors.")
  boolean debug;

  /** Whether the command was given the flag. */
  static boolean wanted(CommandSpec spec) {
    OptionSpec option = spec.findOption(NAME);
    return option != null && Boolean.TRUE.equals(option.getValue());
  }
}
