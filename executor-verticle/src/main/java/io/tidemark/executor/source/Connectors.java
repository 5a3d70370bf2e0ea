package io.tidemark.executor.source;

import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.common.config.SourceDefinition.IcebergSource;
import io.tidemark.common.config.SourceDefinition.JdbcSource;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.StagingPolicy;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.files.FilesConnector;
import io.tidemark.executor.source.iceberg.IcebergConnector;
import io.tidemark.executor.source.jdbc.JdbcConnector;

/** The connectors that there are: the one place that knows them all. */
public final class Connectors {
  private Connectors() {}

  /**
   * Makes the connector of a table's source; reads nothing yet.
   *
   * @param definition with all placeholders resolved
   * @throws TidemarkException where it cannot be made
   */
  public static Connector open(TableDefinition definition) {
    return switch (definition.source()) {
      case PostgresSource postgres ->
          throw new TidemarkException(
              ErrorCode.CONFIG_INVALID, "a Postgres source is merged as a stream");
      case FilesSource files ->
          new FilesConnector(
              files, definition.staging().onBadRow() == StagingPolicy.OnBadRow.QUARANTINE);
      case JdbcSource jdbc -> new JdbcConnector(jdbc, definition.consistency());
      case IcebergSource iceberg -> new IcebergConnector(iceberg);
    };
  }
}
