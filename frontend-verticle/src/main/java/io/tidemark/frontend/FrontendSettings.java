package io.tidemark.frontend;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.common.home.PostgresAddress;

/**
 * What a frontend is made of.
 *
 * @param host address to listen on
 * @param port likewise; 0: any free one
 */
public record FrontendSettings(
    String nodeId, String host, int port, PostgresAddress home, PrometheusMeterRegistry meters) {}
