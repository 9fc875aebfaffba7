/**
 * The pipeline engine: keeps a graph of stages up to date, runs the operations among them as jobs,
 * and remembers what came of them.
 *
 * <p>Start at {@link dev.millrace.engine.core.Engine} (to run a pipeline), {@link
 * dev.millrace.engine.core.Current} (to describe one), {@link dev.millrace.engine.core.Operation}
 * (to add a kind of work) and {@link dev.millrace.engine.core.EngineControl} (to show and steer a
 * running engine). A pipeline as text: {@link dev.millrace.engine.core.Dot}; what it would do:
 * {@link dev.millrace.engine.core.RunPlan}; why it did: {@link dev.millrace.engine.core.JobReason}.
 * May import {@code lib/base} and {@code lib/incremental}.
 *
 * <p>Invariants: a round is published only when everything that it implies has been decided; one
 * job at most is at work on a key; an outcome is shown only once it is on the disk; a bug in a
 * stage fails that stage alone.
 *
 * <p>Records: {@code JobStore} has the SQL, which is the same for the kinds of {@code Database};
 * all writing goes through the one connection of {@code Writer}, of which {@code Recorder} makes
 * one transaction for all that waits. The schema's steps are in {@code migrations}; what PostgreSQL
 * needs besides, in {@code postgresql}. A step that is published is never changed. Plugins have
 * tables of their own, and none of these: {@link dev.millrace.engine.core.PluginTables}.
 *
 * <p>Threads: {@code Evaluation} owns the thread that owns all stages, the cache and the timers;
 * {@code Jobs} owns a virtual thread per job; {@code MonitorInput} one per monitor; {@code
 * Recorder} the thread that writes the database; {@code Retention} a virtual thread that deletes
 * what need not be kept. All of them speak to the evaluation by messages only.
 */
@NullMarked
package dev.millrace.engine.core;

import org.jspecify.annotations.NullMarked;
