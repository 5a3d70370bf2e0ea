package io.tidemark.toxiproxy.http;

import io.tidemark.toxiproxy.ProxyRequest;
import io.tidemark.toxiproxy.ToxiproxyException;
import io.tidemark.toxiproxy.json.JsonException;
import io.tidemark.toxiproxy.json.JsonFields;
import io.tidemark.toxiproxy.json.JsonReader;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.tidemark.toxiproxy.toxic.Toxic;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads the bodies of requests. Names of types in messages are those of the original's source. */
final class Bodies {
  private static final String POPULATED =
      "struct { toxiproxy.Proxy; Enabled *bool \"json:\\\"enabled\\\"\" }";
  private static final String ANONYMOUS = "";

  private Bodies() {}

  /** What may change in a proxy. */
  record ProxyChange(
      Optional<String> listen, Optional<String> upstream, Optional<Boolean> enabled) {}

  static ProxyRequest proxy(Buffer body) {
    var request =
        decode(
            () ->
                request(
                    JsonFields.of(JsonReader.read(body.getBytes()), "toxiproxy.Proxy", "Proxy")));
    require(request.name(), "name");
    require(request.upstream(), "upstream");
    return request;
  }

  static ProxyChange proxyChange(Buffer body) {
    return decode(
        () -> {
          var fields = JsonFields.of(JsonReader.read(body.getBytes()), "toxiproxy.Proxy", "Proxy");
          fields.string("name");
          return new ProxyChange(
              fields.string("listen"), fields.string("upstream"), fields.bool("enabled"));
        });
  }

  static List<ProxyRequest> populate(Buffer body) {
    var requests =
        decode(
            () -> {
              var read = new ArrayList<ProxyRequest>();
              for (var value :
                  JsonFields.list(JsonReader.read(body.getBytes()), "[]" + POPULATED)) {
                read.add(request(JsonFields.of(value, POPULATED, ANONYMOUS)));
              }
              return read;
            });
    for (var i = 0; i < requests.size(); i++) {
      require(requests.get(i).name(), "name at proxy " + (i + 1));
      require(requests.get(i).upstream(), "upstream at proxy " + (i + 1));
    }
    return requests;
  }

  /**
   * A new toxic.
   *
   * @param taken whether a name is in use already, which is looked at before the attributes are
   */
  static PlacedToxic toxic(Buffer body, Predicate<String> taken) {
    var fields = decode(() -> toxicFields(body));
    var stream = decode(() -> fields.string("stream").orElse(Direction.DOWNSTREAM.text()));
    var direction = Direction.of(stream).orElseThrow(ToxiproxyException::badStream);
    var type = decode(() -> fields.string("type").orElse(""));
    var name =
        decode(() -> fields.string("name"))
            .filter(given -> !given.isEmpty())
            .orElse(type + "_" + stream);
    var kind = Toxic.ofType(type).orElseThrow(ToxiproxyException::badType);
    if (taken.test(name)) {
      throw ToxiproxyException.toxicExists();
    }
    return new PlacedToxic(
        name,
        direction,
        decode(() -> fields.decimal("toxicity").orElse(1f)),
        decode(() -> kind.with(attributes(fields, kind))));
  }

  static PlacedToxic toxicChange(Buffer body, PlacedToxic toxic) {
    return decode(
        () -> {
          var fields = JsonFields.of(JsonReader.read(body.getBytes()), "struct {}", ANONYMOUS);
          return toxic
              .withToxicity(fields.decimal("toxicity").orElse(toxic.toxicity()))
              .with(toxic.toxic().with(attributes(fields, toxic.toxic())));
        });
  }

  private static ProxyRequest request(JsonFields fields) throws JsonException {
    return new ProxyRequest(
        fields.string("name").orElse(""),
        fields.string("listen").orElse(""),
        fields.string("upstream").orElse(""),
        fields.bool("enabled").orElse(true));
  }

  /** All but the attributes are checked before it is known what attributes there are. */
  private static JsonFields toxicFields(Buffer body) throws JsonException {
    var fields =
        JsonFields.of(JsonReader.read(body.getBytes()), "toxics.ToxicWrapper", "ToxicWrapper");
    fields.object("attributes", "toxics.NoopToxic", "NoopToxic");
    fields.string("name");
    fields.string("type");
    fields.string("stream");
    fields.decimal("toxicity");
    return fields;
  }

  private static Map<String, Long> attributes(JsonFields fields, Toxic toxic) throws JsonException {
    var struct =
        switch (toxic.type()) {
          case "bandwidth" -> "BandwidthToxic";
          case "latency" -> "LatencyToxic";
          case "limit_data" -> "LimitDataToxic";
          case "reset_peer" -> "ResetToxic";
          case "slicer" -> "SlicerToxic";
          case "slow_close" -> "SlowCloseToxic";
          case "timeout" -> "TimeoutToxic";
          default -> "NoopToxic";
        };
    var type = toxic.type().equals("slicer") ? "int" : "int64";
    var given = fields.object("attributes", "toxics." + struct, struct);
    var attributes = new HashMap<String, Long>();
    for (var name : toxic.attributes().keySet()) {
      given.integer(name, type).ifPresent(value -> attributes.put(name, value));
    }
    return attributes;
  }

  private static void require(String value, String field) {
    if (value.isEmpty()) {
      throw ToxiproxyException.missing(field);
    }
  }

  private static <T> T decode(Decoding<T> decoding) {
    try {
      return decoding.run();
    } catch (JsonException e) {
      throw ToxiproxyException.badBody(String.valueOf(e.getMessage()));
    }
  }

  @FunctionalInterface
  private interface Decoding<T> {
    T run() throws JsonException;
  }
}
