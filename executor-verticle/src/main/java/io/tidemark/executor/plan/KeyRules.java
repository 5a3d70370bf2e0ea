package io.tidemark.executor.plan;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.catalog.ColumnType;
import io.tidemark.executor.catalog.Server;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a key's order is the same on both sides, byte for byte: only then can two sorted streams
 * be merged.
 */
final class KeyRules {
  private static final Set<KeyType> INTEGERS = EnumSet.of(KeyType.INT2, KeyType.INT4, KeyType.INT8);
  private static final String LATER =
      "; set merge: auto, so that rows are staged and compared in the home";

  private KeyRules() {}

  /** Types of the key columns as they travel; problems are added where a column has none. */
  static List<KeyType> types(List<Pair> key, Server source, Server home, List<Problem> problems) {
    var types = new ArrayList<KeyType>();
    for (var pair : key) {
      type(pair, source, home, problems).ifPresent(types::add);
    }
    return types;
  }

  private static Optional<KeyType> type(
      Pair pair, Server source, Server home, List<Problem> problems) {
    var from = of(pair.source().type());
    var to = of(pair.target());
    var column = "key column " + QualifiedName.shown(pair.name()) + " is ";
    if (from.isEmpty() || to.isEmpty()) {
      problems.add(
          Problem.of(
              ErrorCode.KEY_TYPE_UNORDERED,
              "key",
              column
                  + (from.isEmpty()
                      ? pair.source().type().sql() + " in the source"
                      : pair.target().sql() + " in the target")
                  + ", whose order is not the same in every Postgres"
                  + LATER));
      return Optional.empty();
    }
    var widened = INTEGERS.contains(from.get()) && INTEGERS.contains(to.get());
    if (widened ? from.get().compareTo(to.get()) > 0 : !from.equals(to)) {
      problems.add(
          Problem.of(
              ErrorCode.TYPE_INCOMPATIBLE,
              "key",
              column
                  + pair.source().type().sql()
                  + " in the source and "
                  + pair.target().sql()
                  + " in the target; a key may only be widened, from integer to bigint",
              "Give the target's key column the source's type, or choose another key."));
      return Optional.empty();
    }
    if (to.get() == KeyType.TEXT) {
      var doubt = unorderedText(pair, source, home);
      if (doubt.isPresent()) {
        problems.add(
            Problem.of(
                ErrorCode.KEY_TYPE_UNORDERED,
                "key",
                column + pair.source().type().sql() + " " + doubt.get() + LATER));
        return Optional.empty();
      }
    }
    return to;
  }

  private static Optional<String> unorderedText(Pair pair, Server source, Server home) {
    if (!pair.sourceByteOrder()) {
      var collation = pair.source().collation().map(it -> it.name()).orElse("?");
      return Optional.of(
          "in collation \"" + collation + "\" in the source, whose order differs between servers");
    }
    if (!pair.targetByteOrder()) {
      return Optional.of("in collation \"C\" in the source, but in another one in the target");
    }
    if (!source.utf8() || !home.utf8()) {
      return Optional.of(
          "in encoding "
              + source.encoding()
              + " in the source and "
              + home.encoding()
              + " in the target; text is ordered alike only where both are UTF8");
    }
    return Optional.empty();
  }

  /** The key type of a column's base type. */
  static Optional<KeyType> of(ColumnType type) {
    return switch (type.base().oid()) {
      case 21 -> Optional.of(KeyType.INT2);
      case 23 -> Optional.of(KeyType.INT4);
      case 20 -> Optional.of(KeyType.INT8);
      case 2950 -> Optional.of(KeyType.UUID);
      case 1082 -> Optional.of(KeyType.DATE);
      case 1114 -> Optional.of(KeyType.TIMESTAMP);
      case 1184 -> Optional.of(KeyType.TIMESTAMPTZ);
      case 17 -> Optional.of(KeyType.BYTEA);
      case WireForm.TEXT, WireForm.VARCHAR -> Optional.of(KeyType.TEXT);
      default -> Optional.empty();
    };
  }
}
