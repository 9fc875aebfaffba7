/** Container images: registries, manifests, layers. */
@NullMarked
package dev.millrace.oci;

import org.jspecify.annotations.NullMarked;
