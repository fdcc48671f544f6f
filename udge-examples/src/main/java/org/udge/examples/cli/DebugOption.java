package org.udge.examples.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** {@code --debug}, of every command. */
public abstract class DebugOption {

  public static final String NAME = "--debug";

  @Option(names = NAME, description = "Print stack traces of errors.")
  public boolean debug;

  /** Whether the command was given the flag. */
  public static boolean wanted(CommandSpec spec) {
    OptionSpec option = spec.findOption(NAME);
    return option != null && Boolean.TRUE.equals(option.getValue());
  }
}
