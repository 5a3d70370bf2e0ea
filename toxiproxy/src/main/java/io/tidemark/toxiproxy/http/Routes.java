package io.tidemark.toxiproxy.http;

import io.tidemark.toxiproxy.Proxies;
import io.tidemark.toxiproxy.Proxy;
import io.tidemark.toxiproxy.ToxiproxyException;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What each path and method of the API does. */
final class Routes {
  private static final int OK = 200;

  /** What a request brings. */
  record Request(List<String> names, Buffer body) {
    String proxy() {
      return names.getFirst();
    }

    String toxic() {
      return names.getLast();
    }
  }

  /**
   * A path with the methods that it takes.
   *
   * @param path its segments; {@code *} stands for a name
   * @param methods empty: all of them
   */
  record Route(List<String> path, List<String> methods, Function<Request, Future<Answer>> action) {
    Optional<List<String>> names(List<String> segments) {
      if (segments.size() != path.size()) {
        return Optional.empty();
      }
      var names = new ArrayList<String>();
      for (var i = 0; i < path.size(); i++) {
        if (path.get(i).equals("*") && !segments.get(i).isEmpty()) {
          names.add(segments.get(i));
        } else if (!path.get(i).equals(segments.get(i))) {
          return Optional.empty();
        }
      }
      return Optional.of(names);
    }

    boolean takes(String method) {
      return methods.isEmpty() || methods.contains(method);
    }
  }

  private final Proxies proxies;
  private final List<Route> all;

  Routes(Proxies proxies, ServerSettings settings) {
    this.proxies = proxies;
    var metrics = new MetricsPage(proxies.metrics(), settings);
    var routes =
        new ArrayList<>(
            List.of(
                route("/reset", this::reset, "POST"),
                route("/proxies", this::list, "GET"),
                route("/proxies", this::create, "POST"),
                route("/populate", this::populate, "POST"),
                route("/proxies/*", this::show, "GET"),
                route("/proxies/*", this::update, "POST", "PATCH"),
                route("/proxies/*", this::delete, "DELETE"),
                route("/proxies/*/toxics", this::toxics, "GET"),
                route("/proxies/*/toxics", this::addToxic, "POST"),
                route("/proxies/*/toxics/*", this::showToxic, "GET"),
                route("/proxies/*/toxics/*", this::changeToxic, "POST", "PATCH"),
                route("/proxies/*/toxics/*", this::removeToxic, "DELETE"),
                route("/version", request -> version(), "GET")));
    if (settings.anyMetrics()) {
      routes.add(
          route(
              "/metrics",
              request -> now(Answer.typed(OK, MetricsPage.CONTENT_TYPE, metrics.text()))));
    }
    all = List.copyOf(routes);
  }

  /** In the order in which they are tried. */
  List<Route> all() {
    return all;
  }

  private Future<Answer> version() {
    return now(
        Answer.typed(
            OK,
            "application/json;charset=utf-8",
            "{\"version\": \"" + ToxiproxyServer.VERSION + "\"}\n"));
  }

  private Future<Answer> reset(Request request) {
    return proxies.reset().map(reset -> Answer.empty());
  }

  private Future<Answer> list(Request request) {
    return now(Answer.json(ProxyJson.byName(proxies.all())));
  }

  private Future<Answer> create(Request request) {
    return proxies
        .create(Bodies.proxy(request.body()))
        .map(proxy -> Answer.created(ProxyJson.proxy(proxy)));
  }

  private Future<Answer> populate(Request request) {
    return Future.<Void>succeededFuture()
        .compose(read -> proxies.populate(Bodies.populate(request.body())))
        .map(done -> Answer.created("{\"proxies\":" + ProxyJson.list(done) + "}"))
        .recover(cause -> now(Answer.populateError(cause)));
  }

  private Future<Answer> show(Request request) {
    return now(Answer.json(ProxyJson.proxy(proxy(request))));
  }

  private Future<Answer> update(Request request) {
    var proxy = proxy(request);
    var change = Bodies.proxyChange(request.body());
    return proxy
        .update(change.listen(), change.upstream(), change.enabled())
        .map(updated -> Answer.json(ProxyJson.proxy(proxy)));
  }

  private Future<Answer> delete(Request request) {
    return proxies.delete(request.proxy()).map(deleted -> Answer.empty());
  }

  private Future<Answer> toxics(Request request) {
    return now(Answer.json(ProxyJson.toxics(proxy(request).state().toxics())));
  }

  private Future<Answer> addToxic(Request request) {
    var proxy = proxy(request);
    return proxy
        .add(Bodies.toxic(request.body(), name -> proxy.find(name).isPresent()))
        .map(Routes::toxic);
  }

  private Future<Answer> showToxic(Request request) {
    var toxic = proxy(request).find(request.toxic());
    return now(toxic(toxic.orElseThrow(ToxiproxyException::noToxic)));
  }

  private Future<Answer> changeToxic(Request request) {
    return proxy(request)
        .change(request.toxic(), toxic -> Bodies.toxicChange(request.body(), toxic))
        .map(Routes::toxic);
  }

  private Future<Answer> removeToxic(Request request) {
    return proxy(request).remove(request.toxic()).map(removed -> Answer.empty());
  }

  private Proxy proxy(Request request) {
    return proxies.find(request.proxy()).orElseThrow(ToxiproxyException::noProxy);
  }

  private static Answer toxic(PlacedToxic toxic) {
    return Answer.json(ProxyJson.toxic(toxic));
  }

  private static Future<Answer> now(Answer answer) {
    return Future.succeededFuture(answer);
  }

  private static Route route(
      String path, Function<Request, Future<Answer>> action, String... methods) {
    return new Route(List.of(path.substring(1).split("/")), List.of(methods), action);
  }
}
