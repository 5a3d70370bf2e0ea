package io.tidemark.meta;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The leader's lease: one row in Postgres, on the database's clock. Whoever takes it raises the
 * term; whoever renews it raises the epoch.
 */
final class Lease {
  private static final String NAME = "meta";

  /** In the past for every clock: given back, not run out. */
  private static final String ACQUIRE =
      """
      WITH before AS (
        SELECT expires_at = '-infinity' AS given_back,
               (extract(epoch FROM clock_timestamp() - renewed_at) * 1000)::bigint AS silent_millis
          FROM tidemark.leases
         WHERE name = $1::text)
      INSERT INTO tidemark.leases AS l (name, holder, kind, endpoint, term, epoch, expires_at)
      VALUES ($1::text, $2::text, $3::text, $4::text, 1, 0,
              clock_timestamp() + $5::bigint * interval '1 millisecond')
      ON CONFLICT (name) DO UPDATE
         SET holder = excluded.holder, kind = excluded.kind, endpoint = excluded.endpoint,
             term = l.term + 1, renewed_at = clock_timestamp(), expires_at = excluded.expires_at
       WHERE l.expires_at <= clock_timestamp()
      RETURNING term,
                coalesce((SELECT given_back FROM before), true) AS given_back,
                coalesce((SELECT silent_millis FROM before), 0) AS silent_millis
      """;

  private static final String RENEW =
      """
      UPDATE tidemark.leases
         SET epoch = epoch + 1, renewed_at = clock_timestamp(),
             expires_at = clock_timestamp() + $4::bigint * interval '1 millisecond'
       WHERE name = $1::text AND holder = $2::text AND term = $3::bigint
         AND expires_at > clock_timestamp()
      RETURNING epoch
      """;

  private static final String GIVE_BACK =
      """
      UPDATE tidemark.leases
         SET expires_at = '-infinity'
       WHERE name = $1::text AND holder = $2::text AND term = $3::bigint
      """;

  /** Each meta names its connections after itself; roles see their own sessions. */
  private static final String WANTED =
      """
      SELECT EXISTS (SELECT FROM pg_stat_activity
                      WHERE datname = current_database()
                        AND application_name LIKE 'tidemark meta %'
                        AND application_name <> left($1::text, 63)) AS wanted
      """;

  private final SqlClient home;
  private final MetaSettings settings;

  Lease(SqlClient home, MetaSettings settings) {
    this.home = home;
    this.settings = settings;
  }

  /**
   * A term of this node.
   *
   * @param clean nobody was lost: the leader before has given the lease back, or there was none
   * @param silentMillis since the leader before renewed it last
   */
  record Held(long term, boolean clean, long silentMillis) {}

  /** Empty where another holds it. */
  Future<Optional<Held>> acquire() {
    return home.preparedQuery(ACQUIRE)
        .execute(
            Tuple.of(
                NAME,
                settings.nodeId(),
                settings.leaseKind().name().toLowerCase(Locale.ROOT),
                settings.endpoint().orElse(null),
                length().toMillis()))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(
                        new Held(
                            rows.iterator().next().getLong("term"),
                            rows.iterator().next().getBoolean("given_back"),
                            rows.iterator().next().getLong("silent_millis"))));
  }

  /** The next epoch; empty where the lease is lost. */
  Future<OptionalLong> renew(long term) {
    return home.preparedQuery(RENEW)
        .execute(Tuple.of(NAME, settings.nodeId(), term, length().toMillis()))
        .map(
            rows ->
                rows.size() == 0
                    ? OptionalLong.empty()
                    : OptionalLong.of(rows.iterator().next().getLong("epoch")));
  }

  /** Whether another meta stands by at this home, also one that the bus does not reach. */
  Future<Boolean> isWanted() {
    return home.preparedQuery(WANTED)
        .execute(Tuple.of(settings.connectionName()))
        .map(rows -> rows.iterator().next().getBoolean("wanted"));
  }

  /** Lets others lead at once. */
  Future<Void> giveBack(long term) {
    return home.preparedQuery(GIVE_BACK)
        .execute(Tuple.of(NAME, settings.nodeId(), term))
        .mapEmpty();
  }

  Duration length() {
    return settings.timing().lease();
  }
}
