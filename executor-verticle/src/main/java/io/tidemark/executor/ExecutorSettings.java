package io.tidemark.executor;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.executor.source.Connector;
import java.util.function.Function;

/**
 * What an executor is made of.
 *
 * @param executorId names it in Postgres and in messages; unique for each start of a process, so
 *     that what an earlier one owned is never mistaken for its own
 * @param definitions reads a stored table definition
 * @param sources resolves a source's secrets
 * @param connectors makes the connector of a staged source, whose secrets are resolved
 */
public record ExecutorSettings(
    String executorId,
    PostgresAddress home,
    TidemarkConfig.Executor work,
    Function<String, TableDefinition> definitions,
    Function<PostgresSource, PostgresAddress> sources,
    Function<TableDefinition, Connector> connectors,
    MeterRegistry meters) {}
