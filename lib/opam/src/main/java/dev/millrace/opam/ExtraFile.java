package dev.millrace.opam;

/** A file of the repository's {@code files/} directory that belongs to the package. */
public record ExtraFile(String fileName, OpamHash hash) {}
