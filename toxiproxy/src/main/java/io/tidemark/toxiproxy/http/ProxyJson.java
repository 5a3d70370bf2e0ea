package io.tidemark.toxiproxy.http;

import io.tidemark.toxiproxy.Proxy;
import io.tidemark.toxiproxy.json.JsonText;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import java.util.Collection;
import java.util.stream.Collectors;

/** Proxies and toxics as the API shows them: compact, keys in a fixed order. */
final class ProxyJson {
  private ProxyJson() {}

  static String proxy(Proxy proxy) {
    var state = proxy.state();
    return "{\"name\":%s,\"listen\":%s,\"upstream\":%s,\"enabled\":%s,\"toxics\":%s}"
        .formatted(
            JsonText.quote(state.name()),
            JsonText.quote(state.listen()),
            JsonText.quote(state.upstream()),
            state.enabled(),
            toxics(state.toxics()));
  }

  /** By their names. */
  static String byName(Collection<Proxy> proxies) {
    return proxies.stream()
        .map(proxy -> JsonText.quote(proxy.name()) + ":" + proxy(proxy))
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** {@code null} where there are none, as Go writes a list that was never made. */
  static String list(Collection<Proxy> proxies) {
    return proxies.isEmpty()
        ? "null"
        : proxies.stream().map(ProxyJson::proxy).collect(Collectors.joining(",", "[", "]"));
  }

  static String toxics(Collection<PlacedToxic> toxics) {
    return toxics.stream().map(ProxyJson::toxic).collect(Collectors.joining(",", "[", "]"));
  }

  static String toxic(PlacedToxic toxic) {
    var attributes =
        toxic.toxic().attributes().entrySet().stream()
            .map(attribute -> JsonText.quote(attribute.getKey()) + ":" + attribute.getValue())
            .collect(Collectors.joining(",", "{", "}"));
    return "{\"attributes\":%s,\"name\":%s,\"type\":%s,\"stream\":%s,\"toxicity\":%s}"
        .formatted(
            attributes,
            JsonText.quote(toxic.name()),
            JsonText.quote(toxic.toxic().type()),
            JsonText.quote(toxic.stream().text()),
            JsonText.number(toxic.toxicity()));
  }
}
