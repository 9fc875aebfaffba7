package dev.millrace.opam;

/** A file that is fetched next to the package's source. */
public record ExtraSource(String fileName, Source source) {}
