package io.tidemark.common.home;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of one part of a URL (RFC 3986), in UTF-8; {@code +} is a plus sign. */
public final class PercentEncoding {
  private PercentEncoding() {}

  public static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  /**
   * @throws IllegalArgumentException where a % is not followed by two hexadecimal digits; its
   *     message may quote the part
   */
  static String decode(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
