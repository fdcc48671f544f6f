package org.udge.internal;

/** Texts of files in messages. */
public final class Texts {

  private static final int MAX_NAME = 200;
  private static final int MAX_REASON = 1000;

  private Texts() {}

  /**
   * Returns a name without what would break a line of a message or make it endless.
   *
   * @param name anything
   * @return at most its first 200 characters, none of them a control character
   */
  public static String shorten(String name) {
    return shorten(name, MAX_NAME);
  }

  /**
   * Returns the message of another library, in one line.
   *
   * @param message anything
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
