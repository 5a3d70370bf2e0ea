package io.tidemark.launcher.client;

import picocli.CommandLine.Option;

/** Whether stdout carries one JSON document. */
final class JsonOption {
  @Option(names = "--json", description = "Print one JSON document to stdout, and nothing else.")
  boolean json;
}
