package io.tidemark.launcher.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which server a command talks to. */
final class ServerOption {
  static final String VARIABLE = "TIDEMARK_SERVER";
  private static final URI STANDARD = URI.create("http://127.0.0.1:7070");

  @Option(
      names = "--server",
      paramLabel = "URL",
      converter = Url.class,
      defaultValue = "${env:" + VARIABLE + ":-http://127.0.0.1:7070}",
      description = "The server; the environment variable " + VARIABLE + " names another default.")
  URI url = STANDARD;

  /** What another command needs to reach the same server; "" where it does so by default. */
  String forNextCommand() {
    var variable = Optional.ofNullable(System.getenv(VARIABLE)).filter(it -> !it.isBlank());
    var byDefault = variable.map(Url::parse).orElse(STANDARD);
    return url.equals(byDefault) ? "" : "--server " + url;
  }

  /** An absolute http or https URL, without a slash at its end. */
  static final class Url implements ITypeConverter<URI> {
    @Override
    public URI convert(String text) {
      return text.isBlank() ? STANDARD : parse(text);
    }

    static URI parse(String text) {
      try {
        var url = new URI(text.strip().replaceAll("/+$", ""));
        boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        if (http && url.getHost() != null && url.getQuery() == null && url.getUserInfo() == null) {
          return url;
        }
      } catch (URISyntaxException e) {
        // Told below, in the same words.
      }
      throw new TypeConversionException("not a server's URL such as " + STANDARD);
    }
  }
}
