/**
 * Container images: pulls them from registries and lays their layers on top of each other.
 *
 * <p>Start at {@link dev.millrace.oci.Registry} (manifests and blobs, over HTTP) and {@link
 * dev.millrace.oci.ImageTar} (layers to one plain tar stream). Knows nothing of sandboxes or
 * stores: who unpacks the stream decides about owners. Imports {@code dev.millrace.base} only.
 *
 * <p>Invariants: nothing is used that has not the digest and size it was asked for by; no entry of
 * a layer can name a path outside the image. Both classes may be used by many threads.
 */
@NullMarked
package dev.millrace.oci;

import org.jspecify.annotations.NullMarked;
