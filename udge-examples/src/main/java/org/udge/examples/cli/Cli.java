package org.udge.examples.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.udge.internal.OpenMpIdling;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs commands: parses flags, reports errors in one line, returns the exit status (0 success, 1
 * failure, 2 usage error).
 */
public final class Cli {

  public static final int FAILED = 1;
  public static final int WRONG_USAGE = 2;
  private static final int WIDTH = 110;

  private Cli() {}

  /** Runs the command of this process and exits the process. */
  @SuppressWarnings("SystemExitOutsideMain") // Every command's main ends here.
  public static void runAndExit(Object command, String... args) {
    OpenMpIdling.shorten();
    System.exit(commandLine(command).execute(args));
  }

  /** A command that writes to the process's standard streams. */
  public static CommandLine commandLine(Object command) {
    CommandLine line =
        new CommandLine(command)
            .setAbbreviatedOptionsAllowed(false)
            .setUsageHelpWidth(WIDTH)
            .setUsageHelpLongOptionsMaxWidth(32)
            .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
            .setExecutionStrategy(Cli::run)
            .setParameterExceptionHandler((e, args) -> wrongUsage(e))
            .setExecutionExceptionHandler((e, failed, result) -> failed(e, failed));
    registerChoices(line);
    groupOptions(line);
    line.getSubcommands().values().forEach(Cli::groupOptions);
    return line;
  }

  /** Every enum among the flags' types is read by its lowercase names. */
  private static void registerChoices(CommandLine line) {
    Stream.concat(Stream.of(line), line.getSubcommands().values().stream())
        .flatMap(each -> each.getCommandSpec().options().stream())
        .flatMap(option -> Arrays.stream(option.auxiliaryTypes()))
        .filter(Class::isEnum)
        .distinct()
        .forEach(type -> Choice.register(line, type));
  }

  private static int wrongUsage(ParameterException e) {
    CommandLine line = e.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    line.getErr()
        .println(
            name
                + ": "
                + Failure.oneLine(e.getMessage())
                + (e instanceof UnmatchedArgumentException unmatched ? suggestion(unmatched) : "")
                + " (see "
                + name
                + " --help)");
    return WRONG_USAGE;
  }

  private static String suggestion(UnmatchedArgumentException e) {
    String given = e.getUnmatched().get(0);
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    List<String> near =
        Spelling.nearest(
            given.replaceFirst("=.*", ""),
            given.startsWith("-") ? spec.optionsMap().keySet() : spec.subcommands().keySet());
    return near.isEmpty() ? "" : ". Did you mean " + String.join(" or ", near) + "?";
  }

  /** An out-of-memory error includes advice, and is reported like other failures. */
  private static int run(ParseResult commands) {
    try {
      return new RunLast().execute(commands);
    } catch (OutOfMemoryError e) {
      List<CommandLine> lines = commands.asCommandLineList();
      throw new ExecutionException(lines.get(lines.size() - 1), "out of memory", e);
    }
  }

  private static int failed(Exception e, CommandLine line) {
    line.getErr().println(line.getCommandSpec().qualifiedName() + ": " + Failure.message(e));
    if (DebugOption.wanted(line.getCommandSpec())) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      line.getErr().print(trace);
      line.getErr().flush();
    }
    return FAILED;
  }

  /** Help shows each mixin's options under a heading with the mixin's name. */
  private static void groupOptions(CommandLine line) {
    line.getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, help -> optionList(help, line));
  }

  private static String optionList(Help help, CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    List<OptionSpec> own = new ArrayList<>(spec.options());
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    spec.mixins()
        .forEach(
            (name, mixin) -> {
              if (!name.equals("mixinStandardHelpOptions")) {
                groups.put(name, mixin.options());
                own.removeAll(mixin.options());
              }
            });
    Map<Boolean, List<OptionSpec>> common =
        own.stream().collect(Collectors.partitioningBy(Cli::isOfEveryCommand));
    StringBuilder text = new StringBuilder();
    append(text, "Flags", common.get(false), help);
    groups.forEach((name, options) -> append(text, name, options, help));
    append(text, "Other", common.get(true), help);
    return text.toString();
  }

  private static boolean isOfEveryCommand(OptionSpec option) {
    return option.usageHelp()
        || option.versionHelp()
        || option.longestName().equals(DebugOption.NAME);
  }

  private static void append(
      StringBuilder text, String heading, List<OptionSpec> options, Help help) {
    if (!options.isEmpty()) {
      text.append(String.format(Locale.ROOT, "%n%s:%n", heading))
          .append(help.optionListExcludingGroups(options));
    }
  }
}
