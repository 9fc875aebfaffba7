/** Tests of images and registries. */
@NullMarked
package dev.millrace.oci;

import org.jspecify.annotations.NullMarked;
