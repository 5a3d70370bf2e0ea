package io.tidemark.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the documentation gives to Kubernetes.
 *
 * @param parts the first of each kind
 */
record KubernetesManifest(Map<String, JsonNode> parts) {
  KubernetesManifest {
    parts = Map.copyOf(parts);
  }

  static KubernetesManifest read() throws IOException {
    var file = Path.of("..", "docs", "kubernetes.yaml").toFile();
    var parts = new HashMap<String, JsonNode>();
    try (var read = new YAMLMapper().readerFor(JsonNode.class).<JsonNode>readValues(file)) {
      read.forEachRemaining(part -> parts.putIfAbsent(part.path("kind").asText(), part));
    }
    return new KubernetesManifest(parts);
  }

  /** What its nodes may ask. */
  JsonNode rules() {
    return parts.get("Role").path("rules");
  }

  /**
   * One value.
   *
   * @param path below the first of that kind, as a JSON pointer
   */
  JsonNode at(String kind, String path) {
    return parts.get(kind).at(path);
  }
}
