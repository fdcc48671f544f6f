package org.udge.internal;

/** Formats texts from files for messages. */
public final class Texts {

  private static final int MAX_NAME = 200;
  private static final int MAX_REASON = 1000;

  private Texts() {}

  /**
   * Shortens a name so that it neither breaks a line of a message nor makes it too long.
   *
   * @param name any text
   * @return at most its first 200 characters, none of them a control character
   */
  public static String shorten(String name) {
    return shorten(name, MAX_NAME);
  }

  /**
   * Shortens the message of another library to one line.
   *
   * @param message any text
   * @return at most its first 1,000 characters, none of them a control character
   */
  public static String shortenReason(String message) {
    return shorten(message, MAX_REASON);
  }

  private static String shorten(String text, int most) {
    String start = text.length() > most ? text.substring(0, most) + "..." : text;
    return start.replaceAll("\\p{Cntrl}", "?");
  }
}
