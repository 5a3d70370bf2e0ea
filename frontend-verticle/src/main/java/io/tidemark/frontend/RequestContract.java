package io.tidemark.frontend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The contract as far as requests go. The router's library takes responses of a few media types
 * only, and problem+json, NDJSON and events are not among them; it does not check responses anyway.
 */
final class RequestContract {
  private RequestContract() {}

  /**
   * @param yaml openapi.yaml
   */
  static Future<OpenAPIContract> of(Vertx vertx, Buffer yaml) {
    try {
      var contract = new YAMLMapper().readTree(yaml.getBytes());
      dropResponseBodies(contract);
      return OpenAPIContract.from(vertx, new JsonObject(contract.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void dropResponseBodies(JsonNode node) {
    if (node.get("responses") instanceof ObjectNode responses) {
      responses.forEach(
          response -> {
            if (response instanceof ObjectNode object) {
              object.remove("content");
            }
          });
    }
    node.forEach(RequestContract::dropResponseBodies);
  }
}
