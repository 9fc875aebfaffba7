package dev.millrace.opam;

/** A dependency that is to be taken from a URL when the package itself is pinned. */
public record PinDepend(Package target, String url) {}
