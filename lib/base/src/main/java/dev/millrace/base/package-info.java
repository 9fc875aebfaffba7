/**
 * What every floor needs and the JDK lacks: structured threads, child processes, secrets.
 *
 * <p>Start at {@link dev.millrace.base.TaskScope} (threads) and {@link dev.millrace.base.Command}
 * (processes). Knows nothing of CI and imports nothing of Millrace. Its test-jar holds the seeded
 * random tests and the manual clock that all modules share.
 */
@NullMarked
package dev.millrace.base;

import org.jspecify.annotations.NullMarked;
