package io.tidemark.frontend.api;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatableRequest;
import io.vertx.openapi.validation.ValidatedRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request's parameters, as the contract says that they are. */
public final class Parameters {
  private Parameters() {}

  /**
   * Takes the parameters for validation as the router has decoded them. The library's own way
   * decodes queries twice and takes a plus sign in a path for a blank.
   */
  public static Future<ValidatableRequest> extract(RoutingContext request, Operation operation) {
    var path = new HashMap<String, RequestParameter>();
    var query = new HashMap<String, RequestParameter>();
    for (var parameter : operation.getParameters()) {
      var name = parameter.getName();
      switch (parameter.getIn()) {
        case PATH -> path.put(name, value(request.pathParam(name)));
        case QUERY -> query.put(name, value(request.queryParams().get(name)));
        case HEADER, COOKIE ->
            throw new IllegalStateException("the contract has no such parameter: " + name);
      }
    }
    return Future.succeededFuture(
        new Extracted(
            path,
            query,
            value(operation.getRequestBody() == null ? null : request.body().buffer()),
            request.request().getHeader("Content-Type")));
  }

  /** The table in the path. */
  public static String tableName(RoutingContext request) {
    return request.pathParam("name");
  }

  /** The refresh in the path. */
  public static long refreshId(RoutingContext request) {
    return Objects.requireNonNull(validated(request).getPathParameters().get("id")).getLong();
  }

  /** A parameter of the query. */
  public static RequestParameter query(RoutingContext request, String name) {
    return Objects.requireNonNull(validated(request).getQuery().get(name));
  }

  private static ValidatedRequest validated(RoutingContext request) {
    return request.get(RouterBuilder.KEY_META_DATA_VALIDATED_REQUEST);
  }

  private static RequestParameter value(@Nullable Object value) {
    return () -> value;
  }

  private record Extracted(
      Map<String, RequestParameter> path,
      Map<String, RequestParameter> query,
      RequestParameter body,
      @Nullable String contentType)
      implements ValidatableRequest {
    @Override
    public Map<String, RequestParameter> getCookies() {
      return Map.of();
    }

    @Override
    public Map<String, RequestParameter> getHeaders() {
      return Map.of();
    }

    @Override
    public Map<String, RequestParameter> getPathParameters() {
      return path;
    }

    @Override
    public Map<String, RequestParameter> getQuery() {
      return query;
    }

    @Override
    public RequestParameter getBody() {
      return body;
    }

    @Override
    public @Nullable String getContentType() {
      return contentType;
    }
  }
}
