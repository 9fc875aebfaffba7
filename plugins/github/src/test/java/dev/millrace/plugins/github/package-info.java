@NullMarked
package dev.millrace.plugins.github;

import org.jspecify.annotations.NullMarked;
