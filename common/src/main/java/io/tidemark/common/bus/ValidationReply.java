package io.tidemark.common.bus;

import io.tidemark.common.error.ErrorReport;
import java.util.List;

/** What is wrong with the definitions; empty: nothing. One report a problem. */
public record ValidationReply(List<ErrorReport> problems) {
  public ValidationReply {
    problems = List.copyOf(problems);
  }
}
