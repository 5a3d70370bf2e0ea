package io.tidemark.executor.catalog;

import io.tidemark.common.home.QualifiedName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A relation.
 *
 * @param pages of 8 KiB, of it and its partitions, 0 where it has no storage
 * @param tuples the planner's estimate of its rows, -1 where there is none
 * @param inherited whether tables inherit from it that are not its partitions
 * @param privileges of this user: SELECT, INSERT, UPDATE, DELETE, and USAGE on its schema
 * @param columns in order, without dropped ones
 * @param indexes the valid ones
 * @param references foreign keys of other tables (or itself) to this one
 */
public record Relation(
    int oid,
    QualifiedName name,
    Kind kind,
    long pages,
    double tuples,
    boolean inherited,
    Set<String> privileges,
    List<Column> columns,
    List<Index> indexes,
    List<ForeignKey> references) {
  public Relation {
    privileges = Set.copyOf(privileges);
    columns = List.copyOf(columns);
    indexes = List.copyOf(indexes);
    references = List.copyOf(references);
  }

  public Optional<Column> column(String wanted) {
    return columns.stream().filter(column -> column.name().equals(wanted)).findFirst();
  }

  public List<String> primaryKey() {
    return indexes.stream()
        .filter(Index::primary)
        .findFirst()
        .map(Index::columns)
        .orElse(List.of());
  }

  /** {@code relkind}, with the words messages use. */
  public enum Kind {
    TABLE('r', "table"),
    PARTITIONED_TABLE('p', "partitioned table"),
    VIEW('v', "view"),
    MATERIALIZED_VIEW('m', "materialized view"),
    FOREIGN_TABLE('f', "foreign table"),
    SEQUENCE('S', "sequence"),
    INDEX('i', "index"),
    PARTITIONED_INDEX('I', "partitioned index"),
    COMPOSITE_TYPE('c', "composite type"),
    TOAST('t', "TOAST table"),
    OTHER('?', "relation of an unknown kind");

    private final char relkind;
    private final String words;

    Kind(char relkind, String words) {
      this.relkind = relkind;
      this.words = words;
    }

    static Kind of(String relkind) {
      for (var kind : values()) {
        if (kind.relkind == relkind.charAt(0)) {
          return kind;
        }
      }
      return OTHER;
    }

    /** As a message calls it: partitioned table. */
    public String words() {
      return words;
    }

    /** Whether rows can be selected from it. */
    public boolean readable() {
      return switch (this) {
        case TABLE, PARTITIONED_TABLE, VIEW, MATERIALIZED_VIEW, FOREIGN_TABLE -> true;
        case SEQUENCE, INDEX, PARTITIONED_INDEX, COMPOSITE_TYPE, TOAST, OTHER -> false;
      };
    }

    /** Whether it can be refreshed. */
    public boolean writable() {
      return this == TABLE || this == PARTITIONED_TABLE;
    }

    /** Whether TABLESAMPLE works on it. */
    public boolean sampled() {
      return this == TABLE || this == PARTITIONED_TABLE || this == MATERIALIZED_VIEW;
    }
  }
}
