package io.tidemark.frontend;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.frontend.problem.Problem;
import io.tidemark.frontend.problem.ProblemException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.PlatformHandler;
import java.net.URI;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages of others, open in the browser of somebody who can reach this server, from acting
 * through it. What changes something, and each WebSocket, is refused where the browser says that it
 * comes from a page of another origin (cross-site request forgery). Where the server listens on
 * this machine only, any name but this machine's is refused, since a page's own name can be made to
 * lead here (DNS rebinding). Who sends no Origin, such as curl, is no browser.
 */
final class SameOrigin implements PlatformHandler {
  private static final Set<HttpMethod> SAFE =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final int FORBIDDEN = 403;

  private final String listensOn;

  /**
   * @param listensOn address or name that the server listens on
   */
  SameOrigin(String listensOn) {
    this.listensOn = plain(listensOn);
  }

  @Override
  public void handle(RoutingContext context) {
    var request = context.request();
    var host = request.authority();
    var origin = request.getHeader("Origin");
    if (host != null && isLoopback(listensOn) && !isOwnName(host)) {
      context.fail(refused("this server is not called " + host.host()));
    } else if (origin != null && acts(request) && !isSame(origin, host)) {
      context.fail(refused("a page of " + origin + " may not do this"));
    } else {
      context.next();
    }
  }

  private static boolean acts(HttpServerRequest request) {
    return !SAFE.contains(request.method()) || request.canUpgradeToWebSocket();
  }

  private boolean isOwnName(HostAndPort host) {
    var name = plain(host.host());
    return isLoopback(name) || name.equals(listensOn);
  }

  private static boolean isLoopback(String name) {
    return name.equals("localhost") || name.equals("::1") || name.matches("127(\\.\\d{1,3}){3}");
  }

  /** Ports that are not written are those of the origin's scheme, also behind a proxy with TLS. */
  private static boolean isSame(String origin, @Nullable HostAndPort host) {
    URI page;
    try {
      page = URI.create(origin);
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (host == null || page.getHost() == null) {
      return false; // "null" is what a sandboxed page says
    }
    var standard = "https".equals(page.getScheme()) ? HTTPS : HTTP;
    return plain(page.getHost()).equals(plain(host.host()))
        && port(page.getPort(), standard) == port(host.port(), standard);
  }

  private static int port(int written, int standard) {
    return written <= 0 ? standard : written;
  }

  private static String plain(String host) {
    var name =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    return name.toLowerCase(Locale.ROOT);
  }

  private static ProblemException refused(String why) {
    return new ProblemException(
        Problem.of(FORBIDDEN, ErrorReport.of(ErrorCode.ORIGIN_REFUSED, why)));
  }
}
