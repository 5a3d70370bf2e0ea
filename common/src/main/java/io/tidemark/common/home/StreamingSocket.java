package io.tidemark.common.home;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** A socket whose input comes in large portions while it streams. */
final class StreamingSocket extends Socket {
  private @Nullable InputStream input;

  @Override
  public synchronized InputStream getInputStream() throws IOException {
    var known = input;
    if (known == null) {
      known = new CoalescedInput(super.getInputStream());
      input = known;
    }
    return known;
  }
}
