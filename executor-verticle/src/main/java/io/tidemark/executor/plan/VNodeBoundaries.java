package io.tidemark.executor.plan;

import io.tidemark.common.home.SqlName;
import io.tidemark.common.home.VNodeRange;
import io.tidemark.executor.catalog.RelationSize;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses VNode boundaries from the source's own distribution, so that VNodes hold about as many
 * rows each, however skewed the keys are. Small tables are read whole, in key order; of large ones
 * a sample of blocks is.
 */
public final class VNodeBoundaries {
  /** Blocks that a sample reads, at least; tables up to this size are read whole. */
  private static final long SAMPLE_PAGES = 4_096;

  /** Rows of a sample that are sorted, at most, where the table's statistics are right. */
  private static final long SAMPLE_ROWS = 65_536;

  /** Fewer sampled rows than this for a VNode leave its size to chance. */
  private static final int MIN_ROWS_PER_VNODE = 4;

  /** A condition may leave too few rows of a sample: then it grows by this factor. */
  private static final int GROWTH = 8;

  private static final double WHOLE = 100;

  /** Where the table has no statistics yet. */
  private static final double GUESSED_ROWS_PER_PAGE = 56;

  private final Connection connection;
  private final RefreshPlan plan;
  private final String relation;
  private final Optional<String> where;

  private VNodeBoundaries(
      Connection connection, RefreshPlan plan, String relation, Optional<String> where) {
    this.connection = connection;
    this.plan = plan;
    this.relation = relation;
    this.where = where;
  }

  /**
   * Slices the source's keys.
   *
   * @param source a connection to the source, in the refresh's snapshot
   * @param vnodes how many to make, at least 1; fewer come out where there are fewer rows
   * @return in key order, numbered from 0; the first and the last are open-ended, so that they
   *     cover every key there can be
   */
  public static List<VNodeRange> plan(Connection source, RefreshPlan plan, int vnodes)
      throws SQLException {
    return new VNodeBoundaries(source, plan, plan.sourceRelation(), plan.sourceWhere())
        .ranges(vnodes);
  }

  /**
   * As {@link #plan}, of what is staged.
   *
   * @param staging quoted, schema-qualified
   * @param rows that are in it: what VNodes are planned to hold adds up to them
   */
  public static List<VNodeRange> ofStaged(
      Connection home, RefreshPlan plan, String staging, int vnodes, long rows)
      throws SQLException {
    var sample = new VNodeBoundaries(home, plan, staging, Optional.empty()).sample(vnodes);
    return ranges(new KeySample(sample.cuts(), sample.rows(), rows));
  }

  private List<VNodeRange> ranges(int vnodes) throws SQLException {
    return ranges(sample(vnodes));
  }

  private KeySample sample(int vnodes) throws SQLException {
    var size = RelationSize.of(connection, relation);
    if (size.sampled() && size.pages() > SAMPLE_PAGES) {
      var enough = (long) vnodes * MIN_ROWS_PER_VNODE;
      for (var percent = WHOLE * SAMPLE_PAGES / size.pages(); percent < WHOLE; percent *= GROWTH) {
        var thinning = Math.min(1, SAMPLE_ROWS / rowsIn(size, percent));
        var sample = read(vnodes, percent, thinning);
        if (sample.rows() >= enough) {
          return sample;
        }
      }
    }
    return read(vnodes, WHOLE, 1);
  }

  private KeySample read(int vnodes, double percent, double thinning) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      try (var rows = statement.executeQuery(quantiles(vnodes, percent, thinning))) {
        var cuts = new ArrayList<KeySample.Cut>();
        var sampled = 0L;
        while (rows.next()) {
          sampled = rows.getLong("total");
          var key = new ArrayList<String>();
          for (var i = 1; i <= plan.keyTypes().size(); i++) {
            key.add(rows.getString(i));
          }
          cuts.add(new KeySample.Cut(key, rows.getLong("rank")));
        }
        return new KeySample(cuts, sampled, Math.round(sampled * (WHOLE / percent) / thinning));
      }
    }
  }

  /**
   * One pass in key order: by the index on the key where the whole is read, by a bounded sort where
   * a sample is. Of the sorted rows, those at whose rank a VNode is full, and the last.
   */
  private String quantiles(int vnodes, double percent, double thinning) {
    var keys = plan.keyColumns();
    var texts =
        IntStream.rangeClosed(1, keys.size())
            .mapToObj(i -> "k" + i + "::text")
            .collect(Collectors.joining(", "));
    var values =
        IntStream.rangeClosed(1, keys.size())
            .mapToObj(i -> SqlName.quote(keys.get(i - 1).name()) + " AS k" + i)
            .collect(Collectors.joining(", "));
    var conditions = new ArrayList<String>();
    where.map(RowCondition::conjunct).ifPresent(conditions::add);
    if (thinning < 1) {
      conditions.add("random() < " + decimal(thinning));
    }
    return """
    SELECT %1$s, rank, total
    FROM (SELECT %2$s, row_number() OVER (ORDER BY %3$s) AS rank, count(*) OVER () AS total
          FROM %4$s%5$s%6$s) s
    WHERE rank * %7$d / total > (rank - 1) * %7$d / total OR rank = total
    ORDER BY rank
    """
        .formatted(
            texts,
            values,
            KeyRange.order(plan),
            relation,
            percent < WHOLE ? " TABLESAMPLE SYSTEM (" + decimal(percent) + ") REPEATABLE (0)" : "",
            conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions),
            vnodes);
  }

  /** Numbers that SQL reads in every locale of this JVM. */
  private static String decimal(double number) {
    return String.format(Locale.ROOT, "%.12f", number);
  }

  /** The last cut ends the sample, not the table: the VNode it closes is open-ended instead. */
  static List<VNodeRange> ranges(KeySample sample) {
    var ranges = new ArrayList<VNodeRange>();
    var scale = sample.rows() == 0 ? 0 : (double) sample.total() / sample.rows();
    @Nullable List<String> lower = null;
    var rank = 0L;
    var cuts = distinct(sample.cuts());
    for (var i = 0; i < cuts.size(); i++) {
      var cut = cuts.get(i);
      var upper = i == cuts.size() - 1 ? null : cut.key();
      ranges.add(
          new VNodeRange(
              i, lower, upper, Math.round(cut.rank() * scale) - Math.round(rank * scale)));
      lower = upper;
      rank = cut.rank();
    }
    return ranges.isEmpty() ? List.of(new VNodeRange(0, null, null, 0)) : ranges;
  }

  /** A key that is not unique may be several cuts: the last of them has all of its rows. */
  private static List<KeySample.Cut> distinct(List<KeySample.Cut> cuts) {
    return IntStream.range(0, cuts.size())
        .filter(i -> i == cuts.size() - 1 || !cuts.get(i).key().equals(cuts.get(i + 1).key()))
        .mapToObj(cuts::get)
        .toList();
  }

  private static double rowsIn(RelationSize size, double percent) {
    var rows = size.rows() > 0 ? size.rows() : size.pages() * GUESSED_ROWS_PER_PAGE;
    return rows * percent / WHOLE;
  }
}
