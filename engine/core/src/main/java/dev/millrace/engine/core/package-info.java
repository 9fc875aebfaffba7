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
 * <p>Logs: a job's log begins in memory. It becomes a file, {@code job/DATE/NAME.log}, once it has
 * more than 4 KiB, once its job has run for a second, or when it fails; what is left then is stored
 * with the job's record, in the transaction that says that it ended. So what looks for a build's
 * log, or a failure's, finds a file, and what runs by the ten thousand (looking things up, mostly)
 * makes none: making and syncing one file took ten times as long as all else about such a job. A
 * file is synced, with its name, before its job is said to have ended; a record never refers to a
 * log that could be lost. The price: what a job printed in its first second is lost if the process
 * is killed in it; and the records hold up to 4 KiB for each short job. Files of many logs each
 * would have kept the database smaller, but need an index, a sweep of what is deleted, and an order
 * of syncs of their own, all of which the database has.
 *
 * <p>Threads: {@code Evaluation} owns the thread that owns all stages, the cache and the timers;
 * {@code Jobs} owns a virtual thread per job, and one that makes files of logs; {@code
 * MonitorInput} one per monitor; {@code Recorder} the thread that writes the database; {@code
 * Retention} a virtual thread that deletes what need not be kept. All of them speak to the
 * evaluation by messages only.
 */
@NullMarked
package dev.millrace.engine.core;

import org.jspecify.annotations.NullMarked;
