/**
 * What the CI services share: platforms, what there is to build in a commit, which versions to
 * build it with, the steps of each job, and what the results amount to.
 *
 * <p>Everything here is engine-free: functions from records to records, with directories,
 * repositories and the network handed in; services wrap them into operations. A commit goes through
 * {@link dev.millrace.services.cikit.ContentExtraction}, {@link
 * dev.millrace.services.cikit.Analysis}, {@link dev.millrace.services.cikit.JobPlanner} (whose jobs
 * write their own {@link dev.millrace.services.cikit.PlannedJob#spec specifications}), {@link
 * dev.millrace.services.cikit.ContextDirectory} and {@link dev.millrace.services.cikit.Summary}.
 *
 * <p>Imports {@code base}, {@code ocaml}, {@code opam}, {@code solver} and {@code spec}. Projects
 * and repositories are hostile: names and sizes are checked where they are read, and nothing
 * outside the directories handed in is read or written.
 */
@NullMarked
package dev.millrace.services.cikit;

import org.jspecify.annotations.NullMarked;
