package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.Secrets;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableStoreTest {
  private static final long LIMIT_SECONDS = 30;

  private static TableDefinition table(String name, String target) {
    return ConfigReader.readTable(
        "test",
        """
        {"name": "%s", "target": "%s",
         "source": {"type": "postgres", "url": "postgresql://h/shop", "table": "public.orders"}}
        """
            .formatted(name, target.replace("\"", "\\\"")));
  }

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

  private static Vertx vertx;
  private static EmbeddedPostgres postgres;
  private static Pool home;

  private final TableStore tables =
      new TableStore(home, new Secrets(name -> name.equals("TARGET") ? "Orders" : null));

  @BeforeAll
  static void open() throws IOException {
    vertx = Vertx.vertx();
    postgres = EmbeddedPostgres.builder().start();
    var address =
        new PostgresAddress(
            "localhost", postgres.getPort(), "postgres", "postgres", Optional.empty(), Map.of());
    HomeSchema.migrate(address);
    home = PgBuilder.pool().connectingTo(address.reactive("test")).using(vertx).build();
  }

  @AfterAll
  static void close() throws Exception {
    await(vertx.close());
    postgres.close();
  }

  @BeforeEach
  void empty() throws TimeoutException {
    await(home.query("TRUNCATE tidemark.tables").execute());
  }

  @Test
  void theTimeOfADefinitionTellsWhenItLastChanged() throws TimeoutException {
    assertThat(await(tables.put(orders(4)))).isTrue();
    var created = await(tables.find("orders")).orElseThrow();
    assertThat(await(tables.put(orders(4)))).isFalse();
    var same = await(tables.find("orders")).orElseThrow();
    assertThat(await(tables.put(orders(8)))).isFalse();
    var changed = await(tables.find("orders")).orElseThrow();

    assertThat(same).isEqualTo(created);
    assertThat(changed.updatedAt()).isAfter(created.updatedAt());
    assertThat(changed.createdAt()).isEqualTo(created.createdAt());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"public.orders", "ORDERS", "\"public\".\"orders\"", "Public . ${env:TARGET}"})
  void twoTablesNeverShareATargetHoweverItIsSpelt(String target) throws TimeoutException {
    await(tables.put(orders(4)));

    assertThatThrownBy(() -> await(tables.put(table("copy", target))))
        .isInstanceOfSatisfying(
            TidemarkException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.TARGET_TAKEN);
              assertThat(refused.report().message())
                  .contains("table copy", "public.orders", "table orders");
              assertThat(refused.report().hint()).contains("delete the definition of orders");
            });

    assertThat(await(tables.find("copy"))).isEmpty();
  }

  @Test
  void aTargetIsFreeAgainWhereItsTableIsGoneOrHasAnother() throws TimeoutException {
    await(tables.put(table("a", "public.one")));
    await(tables.put(table("a", "public.two")));
    await(tables.put(table("b", "public.one")));
    await(tables.delete("b"));

    assertThat(await(tables.put(table("c", "public.one")))).isTrue();
  }

  @Test
  void ofTablesThatAreDefinedAtOnceOnlyOneGetsTheTarget() throws TimeoutException {
    var puts =
        IntStream.range(0, 8)
            .mapToObj(
                i -> tables.put(table("t" + i, "public.same")).transform(Future::succeededFuture))
            .toList();
    await(Future.all(puts));

    assertThat(puts.stream().filter(put -> put.result().succeeded())).hasSize(1);
    assertThat(await(tables.all())).hasSize(1);
  }

  @Test
  void aTargetThatCannotBeKnownIsNotStored() throws TimeoutException {
    assertThatThrownBy(() -> await(tables.put(table("t", "public.${env:ABSENT}"))))
        .hasMessageContaining("ABSENT");
    assertThat(await(tables.all())).isEmpty();
  }
}
