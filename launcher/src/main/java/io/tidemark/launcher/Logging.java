package io.tidemark.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs to stderr, one line an event, its key-value pairs last. In Java rather than XML: reading
 * that costs a tenth of a second at each start.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0} %msg %kvp%n";
  private static final String STACKS = "%ex";
  private static final String NO_STACKS = "%nopex";

  /** Logs of libraries are for those who look for a defect. */
  private static final String[] LIBRARIES = {"org.flywaydb", "io.netty", "io.vertx", "io.zonky"};

  /** It warns of each barrier that was under way to an executor which has just ended. */
  private static final String BUS_CONSUMER = "io.vertx.core.eventbus.impl.MessageConsumerImpl";

  /** They tell of each try to reach a node that is gone; what follows from it is told elsewhere. */
  private static final String[] CLUSTER = {
    "com.hazelcast", "io.vertx.core.eventbus.impl.clustered"
  };

  /** What keeps a node from those it should find is told in full. */
  private static final String[] DISCOVERY = {
    "com.hazelcast.kubernetes.KubernetesClient", "com.hazelcast.spi.utils.RetryUtils"
  };

  /** It warns of native code that it could be faster with, and does not need here. */
  private static final String HADOOP = "org.apache.hadoop";

  private static volatile Level level = Level.WARN;

  /** Called by logback when the first logger is made. */
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN + (level.isGreaterOrEqual(Level.WARN) ? NO_STACKS : STACKS));
    encoder.start();
    var stderr = new ConsoleAppender<ILoggingEvent>();
    stderr.setContext(context);
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(stderr);
    apply(context);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** For a server: what happens. */
  static void atLeastInfo() {
    if (level.isGreaterOrEqual(Level.WARN)) {
      reset(Level.INFO);
    }
  }

  /** For whoever looks for the cause of something. */
  static void verbose() {
    reset(Level.DEBUG);
  }

  /**
   * For whoever names a level, as in LOG_LEVEL of Toxiproxy.
   *
   * @param name one of {@code trace}, {@code debug}, {@code info}, {@code warn}, {@code error},
   *     {@code fatal}, {@code panic}, {@code disabled}; others are as {@code info}
   */
  static void level(String name) {
    reset(
        switch (name.toLowerCase(Locale.ROOT)) {
          case "fatal", "panic" -> Level.ERROR;
          case "disabled" -> Level.OFF;
          default -> Level.toLevel(name, Level.INFO);
        });
  }

  private static void reset(Level to) {
    level = to;
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.reset();
      new Logging().configure(context);
    }
  }

  private static void apply(LoggerContext context) {
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    context.getLogger("io.tidemark").setLevel(level);
    for (var library : LIBRARIES) {
      context.getLogger(library).setLevel(level == Level.DEBUG ? Level.INFO : Level.WARN);
    }
    if (level != Level.DEBUG) {
      context.getLogger(BUS_CONSUMER).setLevel(Level.ERROR);
      context.getLogger(HADOOP).setLevel(Level.ERROR);
      for (var cluster : CLUSTER) {
        context.getLogger(cluster).setLevel(Level.ERROR);
      }
      for (var discovery : DISCOVERY) {
        context.getLogger(discovery).setLevel(Level.WARN);
      }
    }
  }
}
