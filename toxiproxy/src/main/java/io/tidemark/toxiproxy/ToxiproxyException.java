package io.tidemark.toxiproxy;

/** What was asked for cannot be done. Messages are those of Toxiproxy's HTTP API. */
public final class ToxiproxyException extends RuntimeException {
  /** Why, each with its HTTP status. */
  public enum Reason {
    INVALID(400),
    NOT_FOUND(404),
    EXISTS(409),
    CANNOT_LISTEN(500);

    private final int status;

    Reason(int status) {
      this.status = status;
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }
  }

  private final Reason reason;

  private ToxiproxyException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** A request body that cannot be read. */
  public static ToxiproxyException badBody(String why) {
    return new ToxiproxyException(Reason.INVALID, "bad request body: " + why);
  }

  /** A request without a field that it needs. */
  public static ToxiproxyException missing(String field) {
    return new ToxiproxyException(Reason.INVALID, "missing required field: " + field);
  }

  /** A direction that there is not. */
  public static ToxiproxyException badStream() {
    return new ToxiproxyException(
        Reason.INVALID, "stream was invalid, can be either upstream or downstream");
  }

  /** A kind of toxic that there is not. */
  public static ToxiproxyException badType() {
    return new ToxiproxyException(Reason.INVALID, "invalid toxic type");
  }

  /** A proxy that there is not. */
  public static ToxiproxyException noProxy() {
    return new ToxiproxyException(Reason.NOT_FOUND, "proxy not found");
  }

  /** A toxic that there is not. */
  public static ToxiproxyException noToxic() {
    return new ToxiproxyException(Reason.NOT_FOUND, "toxic not found");
  }

  static ToxiproxyException proxyExists() {
    return new ToxiproxyException(Reason.EXISTS, "proxy already exists");
  }

  /** A toxic of a name that is in use. */
  public static ToxiproxyException toxicExists() {
    return new ToxiproxyException(Reason.EXISTS, "toxic already exists");
  }

  static ToxiproxyException cannotListen(Throwable cause) {
    var exception =
        new ToxiproxyException(Reason.CANNOT_LISTEN, String.valueOf(cause.getMessage()));
    exception.initCause(cause);
    return exception;
  }
}
