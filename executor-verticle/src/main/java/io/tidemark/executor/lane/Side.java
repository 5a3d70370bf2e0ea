package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.executor.merge.RowBlocks;
import java.sql.SQLException;

/** Which database an error came from, so that the message can say it. */
public enum Side {
  SOURCE,
  HOME;

  /** As messages call it. */
  public String words() {
    return switch (this) {
      case SOURCE -> "the source";
      case HOME -> "the home Postgres";
    };
  }

  /** The code of a server of this side that stays away. */
  public ErrorCode unreachable() {
    return switch (this) {
      case SOURCE -> ErrorCode.SOURCE_UNREACHABLE;
      case HOME -> ErrorCode.HOME_UNREACHABLE;
    };
  }

  /** An error of one side; keeps the cause's SQLSTATE. */
  public static final class Broken extends SQLException {
    private static final long serialVersionUID = 1L;
    private final Side side;

    public Broken(Side side, SQLException cause) {
      super(cause.getMessage(), cause.getSQLState(), cause);
      this.side = side;
    }

    public Side side() {
      return side;
    }
  }

  /** Something that talks to one side. */
  @FunctionalInterface
  public interface Call<T> {
    T run() throws SQLException;
  }

  /** Marks what a call throws. */
  public <T> T call(Call<T> call) throws SQLException {
    try {
      return call.run();
    } catch (Broken e) {
      throw e;
    } catch (SQLException e) {
      throw new Broken(this, e);
    }
  }

  /** Marks what reading throws. */
  RowBlocks watch(RowBlocks blocks) {
    return () -> {
      try {
        return blocks.next();
      } catch (SQLException e) {
        throw new Broken(this, e);
      }
    };
  }
}
