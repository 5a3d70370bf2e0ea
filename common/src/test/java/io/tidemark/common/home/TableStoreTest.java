package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.TableDefinition;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.SqlClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class TableStoreTest {
  private static final long LIMIT_SECONDS = 30;

  private static TableDefinition orders(int vnodes) {
    return ConfigReader.readTable(
        "test",
        """
        {"name": "orders", "vnodes": %d,
         "source": {"type": "postgres", "url": "postgresql://h/shop", "table": "public.orders"}}
        """
            .formatted(vnodes));
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void theTimeOfADefinitionTellsWhenItLastChanged() throws IOException, TimeoutException {
    var vertx = Vertx.vertx();
    try (var postgres = EmbeddedPostgres.builder().start()) {
      var address =
          new PostgresAddress(
              "localhost", postgres.getPort(), "postgres", "postgres", Optional.empty(), Map.of());
      HomeSchema.migrate(address);
      SqlClient home =
          PgBuilder.client().connectingTo(address.reactive("test")).using(vertx).build();
      var tables = new TableStore(home);

      assertThat(await(tables.put(orders(4)))).isTrue();
      var created = await(tables.find("orders")).orElseThrow();
      assertThat(await(tables.put(orders(4)))).isFalse();
      var same = await(tables.find("orders")).orElseThrow();
      assertThat(await(tables.put(orders(8)))).isFalse();
      var changed = await(tables.find("orders")).orElseThrow();

      assertThat(same).isEqualTo(created);
      assertThat(changed.updatedAt()).isAfter(created.updatedAt());
      assertThat(changed.createdAt()).isEqualTo(created.createdAt());
    } finally {
      await(vertx.close());
    }
  }
}
