package io.tidemark.frontend.api;

import io.tidemark.common.bus.ExecutorList;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/** This node's fellows, and what may be asked of it. */
public final class NodeOperations {
  private final Leader leader;
  private final Buffer contract;

  /**
   * @param contract openapi.yaml
   */
  public NodeOperations(Leader leader, Buffer contract) {
    this.leader = leader;
    this.contract = contract;
  }

  public void executors(RoutingContext request) {
    Answer.json(request, leader.executors().map(ExecutorList::executors));
  }

  public void contract(RoutingContext request) {
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml").end(contract);
  }
}
