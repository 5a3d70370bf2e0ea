package io.tidemark.frontend.problem;

/** Ends a request with a problem that says more than an ErrorReport does. */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.error().message());
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
