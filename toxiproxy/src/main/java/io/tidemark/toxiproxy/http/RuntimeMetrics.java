package io.tidemark.toxiproxy.http;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The process, under the names that dashboards for Toxiproxy know: where those speak of Go, the
 * figures are those that come nearest on the JVM.
 */
final class RuntimeMetrics {
  private static final Path STATM = Path.of("/proc/self/statm");
  private static final long PAGE_BYTES = 4096;
  private static final double MILLIS_A_SECOND = TimeUnit.SECONDS.toMillis(1);
  private static final double NANOS_A_SECOND = TimeUnit.SECONDS.toNanos(1);

  private RuntimeMetrics() {}

  static void write(Exposition page) {
    buildInfo(page);
    garbage(page);
    threadsAndMemory(page);
    process(page);
  }

  private static void buildInfo(Exposition page) {
    page.family("go_build_info", "gauge", "Build information about the main module.")
        .value(
            "go_build_info",
            Exposition.labels(
                "checksum", "",
                "path", "io.tidemark/toxiproxy",
                "version", ToxiproxyServer.VERSION),
            1);
    page.family("go_info", "gauge", "Information about the runtime.")
        .value("go_info", Exposition.labels("version", "java" + Runtime.version().feature()), 1);
  }

  private static void garbage(Exposition page) {
    var collectors = ManagementFactory.getGarbageCollectorMXBeans();
    var millis = collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
    var count = collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
    page.family("go_gc_duration_seconds", "summary", "Time spent on garbage collection.")
        .value("go_gc_duration_seconds_sum", Map.of(), millis / MILLIS_A_SECOND)
        .value("go_gc_duration_seconds_count", Map.of(), count);
  }

  private static void threadsAndMemory(Exposition page) {
    var threads = ManagementFactory.getThreadMXBean().getThreadCount();
    var memory = ManagementFactory.getMemoryMXBean();
    var heap = memory.getHeapMemoryUsage();
    var other = memory.getNonHeapMemoryUsage();
    page.single("go_goroutines", "gauge", "Number of threads that currently exist.", threads)
        .single("go_memstats_alloc_bytes", "gauge", "Bytes of heap in use.", heap.getUsed())
        .single("go_memstats_heap_alloc_bytes", "gauge", "Bytes of heap in use.", heap.getUsed())
        .single(
            "go_memstats_heap_sys_bytes",
            "gauge",
            "Bytes of heap obtained from the system.",
            heap.getCommitted())
        .single(
            "go_memstats_sys_bytes",
            "gauge",
            "Bytes obtained from the system.",
            heap.getCommitted() + other.getCommitted())
        .single("go_threads", "gauge", "Number of threads that currently exist.", threads);
  }

  private static void process(Exposition page) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      page.single(
              "process_cpu_seconds_total",
              "counter",
              "Total user and system CPU time spent in seconds.",
              system.getProcessCpuTime() / NANOS_A_SECOND)
          .single(
              "process_max_fds",
              "gauge",
              "Maximum number of open file descriptors.",
              system.getMaxFileDescriptorCount())
          .single(
              "process_open_fds",
              "gauge",
              "Number of open file descriptors.",
              system.getOpenFileDescriptorCount());
    }
    var pages = pages();
    if (pages.size() > 1) {
      page.single(
              "process_resident_memory_bytes",
              "gauge",
              "Resident memory size in bytes.",
              pages.get(1) * PAGE_BYTES)
          .single(
              "process_virtual_memory_bytes",
              "gauge",
              "Virtual memory size in bytes.",
              pages.get(0) * PAGE_BYTES);
    }
    page.single(
        "process_start_time_seconds",
        "gauge",
        "Start time of the process since unix epoch in seconds.",
        ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS_A_SECOND);
  }

  /** Virtual and resident; none where the system does not say. */
  private static List<Long> pages() {
    try {
      return List.of(Files.readString(STATM).strip().split(" ")).stream()
          .map(Long::parseLong)
          .toList();
    } catch (IOException | NumberFormatException e) {
      return List.of();
    }
  }
}
