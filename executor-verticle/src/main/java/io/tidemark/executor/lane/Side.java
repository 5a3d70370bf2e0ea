package io.tidemark.executor.lane;

import io.tidemark.executor.merge.RowStream;
import java.sql.SQLException;

/** Which database an error came from, so that the message can say it. */
enum Side {
  SOURCE,
  HOME;

  /** An error of one side; keeps the cause's SQLSTATE. */
  static final class Broken extends SQLException {
    private static final long serialVersionUID = 1L;
    private final Side side;

    Broken(Side side, SQLException cause) {
      super(cause.getMessage(), cause.getSQLState(), cause);
      this.side = side;
    }

    Side side() {
      return side;
    }
  }

  /** Something that talks to one side. */
  interface Call<T> {
    T run() throws SQLException;
  }

  /** Marks what a call throws. */
  <T> T call(Call<T> call) throws SQLException {
    try {
      return call.run();
    } catch (Broken e) {
      throw e;
    } catch (SQLException e) {
      throw new Broken(this, e);
    }
  }

  /** Marks what a stream throws. */
  RowStream watch(RowStream stream) {
    return () -> {
      try {
        return stream.next();
      } catch (SQLException e) {
        throw new Broken(this, e);
      }
    };
  }
}
