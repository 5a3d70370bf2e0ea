package io.tidemark.launcher.client;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.launcher.terminal.ProgressView;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Watches one refresh until it ends or waits for a person. It listens on a WebSocket; where that is
 * lost or refused it asks over HTTP and tries again, for as long as a restart of the server may
 * take.
 */
final class RefreshWatch {
  /** How patient it is. */
  record Patience(
      Duration firstRetry, Duration longestRetry, Duration giveUpAfter, Duration silence) {
    static final Patience STANDARD =
        new Patience(
            Duration.ofMillis(250),
            Duration.ofSeconds(5),
            Duration.ofMinutes(2),
            Duration.ofSeconds(45));
  }

  private static final long HANDSHAKE_SECONDS = 10;

  private final Api api;
  private final ProgressView progress;
  private final Patience patience;
  private final long refreshId;
  private boolean away;

  RefreshWatch(Api api, ProgressView progress, Patience patience, long refreshId) {
    this.api = api;
    this.progress = progress;
    this.patience = patience;
    this.refreshId = refreshId;
  }

  /**
   * Watches, and shows what it sees except for the end.
   *
   * @return the refresh when it rests
   * @throws TidemarkException where there is no such refresh, or the server stays away
   */
  ShownRefresh untilRest() throws InterruptedException {
    var first = ask();
    if (first.rests()) {
      return first;
    }
    progress.show(first.view());
    long heard = System.nanoTime();
    var pause = patience.firstRetry();
    while (true) {
      var seen = listen();
      if (seen.isPresent()) {
        heard = System.nanoTime();
        pause = patience.firstRetry();
        if (seen.get().rests()) {
          return seen.get();
        }
      }
      try {
        var asked = ask();
        back();
        heard = System.nanoTime();
        if (asked.rests()) {
          return asked;
        }
        progress.show(asked.view());
      } catch (TidemarkException e) {
        if (!passing(e.report())) {
          throw e;
        }
        lost(e.report());
        if (System.nanoTime() - heard > patience.giveUpAfter().toNanos()) {
          throw e;
        }
      }
      Thread.sleep(pause.toMillis());
      pause = shorter(pause.multipliedBy(2), patience.longestRetry());
    }
  }

  /** Listens for as long as the socket lasts; the last that it told. */
  private Optional<ShownRefresh> listen() throws InterruptedException {
    var listener = new ProgressSocket();
    var opening = api.socket("/refreshes/" + refreshId + "/progress", listener);
    WebSocket socket;
    try {
      socket = opening.get(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      opening.cancel(true);
      return Optional.empty();
    }
    try {
      return listen(listener, socket);
    } finally {
      socket.abort();
    }
  }

  private Optional<ShownRefresh> listen(ProgressSocket listener, WebSocket socket)
      throws InterruptedException {
    var frames = new RefreshFrames();
    var last = Optional.<ShownRefresh>empty();
    while (true) {
      switch (listener.next(patience.silence())) {
        case null -> {
          return last;
        }
        case ProgressSocket.Received.Closed closed -> {
          return last;
        }
        case ProgressSocket.Received.Ping ping -> socket.request(1);
        case ProgressSocket.Received.Frame frame -> {
          var now = frames.take(frame.text());
          if (now.isEmpty()) {
            return last;
          }
          back();
          last = now;
          if (now.get().rests()) {
            return last;
          }
          progress.show(now.get().view());
          socket.request(1);
        }
      }
    }
  }

  private ShownRefresh ask() {
    return ShownRefresh.of(api.read("/refreshes/" + refreshId).body());
  }

  /** Whether it can go away by itself: no server, no leader, no home for the moment. */
  private static boolean passing(ErrorReport error) {
    return error.retryable();
  }

  private void lost(ErrorReport error) {
    if (!away) {
      away = true;
      progress.note("tidemark: " + error.message() + "; trying again");
    }
  }

  private void back() {
    if (away) {
      away = false;
      progress.note("tidemark: the server answers again");
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
