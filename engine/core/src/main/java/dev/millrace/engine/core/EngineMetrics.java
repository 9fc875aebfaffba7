package dev.millrace.engine.core;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What an engine reports, under the original's names, some of which break the rules of Prometheus.
 * Thread-safe.
 */
final class EngineMetrics implements AutoCloseable {
  private static final double NANOS = 1e9;

  private final PrometheusRegistry registry;
  private final List<Collector> collectors = new ArrayList<>();
  private final Summary evaluation;
  private final Gauge items;
  private final Counter evaluations;
  private final Summary poolWait;
  private final Summary poolUse;
  private final Map<String, Pool> pools = new ConcurrentHashMap<>();

  EngineMetrics(PrometheusRegistry registry, Supplier<StageCounts> stages, IntSupplier openJobs) {
    this.registry = registry;
    evaluation =
        add(
            Summary.builder()
                .name("ocurrent_core_evaluation_time_seconds")
                .help("Time spent on a round of evaluation")
                .register(registry));
    add(
        GaugeWithCallback.builder()
            .name("ocurrent_core_pipeline_stage_total")
            .help("Stages of the pipeline by state")
            .labelNames("state")
            .callback(
                callback ->
                    byLabel(stages.get()).forEach((label, count) -> callback.call(count, label)))
            .register(registry));
    add(
        GaugeWithCallback.builder()
            .name("ocurrent_core_active_jobs")
            .help("Jobs that are not over")
            .callback(callback -> callback.call(openJobs.getAsInt()))
            .register(registry));
    items =
        add(
            Gauge.builder()
                .name("ocurrent_cache_memory_cache_items")
                .help("Keys of operations in memory")
                .labelNames("id")
                .register(registry));
    evaluations =
        add(
            Counter.builder()
                .name("ocurrent_cache_evaluations")
                .help("Evaluations of stages that run an operation")
                .register(registry));
    addPoolGauge("ocurrent_pool_qlen", "Jobs that wait for a place", Pool::waiting);
    addPoolGauge("ocurrent_pool_resources_in_use", "Places that are taken", Pool::used);
    addPoolGauge("ocurrent_pool_capacity", "Places there are", Pool::capacity);
    poolWait =
        add(
            Summary.builder()
                .name("ocurrent_pool_wait_time_seconds")
                .help("Time until a place was given")
                .labelNames("name")
                .register(registry));
    poolUse =
        add(
            Summary.builder()
                .name("ocurrent_pool_use_time_seconds")
                .help("Time for which a place was kept")
                .labelNames("name")
                .register(registry));
  }

  private <C extends Collector> C add(C collector) {
    collectors.add(collector);
    return collector;
  }

  private void addPoolGauge(String name, String help, ToDoubleFunction<Pool> value) {
    add(
        GaugeWithCallback.builder()
            .name(name)
            .help(help)
            .labelNames("name")
            .callback(
                callback ->
                    pools.forEach((label, pool) -> callback.call(value.applyAsDouble(pool), label)))
            .register(registry));
  }

  /** The original's six states, and ours that it has not. */
  private static Map<String, Integer> byLabel(StageCounts counts) {
    Map<String, Integer> all = new LinkedHashMap<>();
    for (StageState state : StageState.values()) {
      String label =
          switch (state) {
            case PASSED -> "ok";
            case FAILED, ERROR, CANCELLED -> "failed";
            case RUNNING -> "running";
            case APPROVAL -> "waiting_for_confirmation";
            case QUEUED -> "ready";
            case BLOCKED -> "blocked";
            case SKIPPED -> "skipped";
          };
      all.merge(label, counts.of(state), Integer::sum);
    }
    return all;
  }

  void evaluationTook(long nanoseconds) {
    evaluation.observe(nanoseconds / NANOS);
  }

  void evaluated() {
    evaluations.inc();
  }

  void instances(String operation, int change) {
    items.labelValues(operation).inc(change);
  }

  /** A place of a pool was given after this time. */
  void poolWaited(Pool pool, long nanoseconds) {
    pools.putIfAbsent(pool.label(), pool);
    poolWait.labelValues(pool.label()).observe(nanoseconds / NANOS);
  }

  /** A place of a pool was given back after this time. */
  void poolUsed(Pool pool, long nanoseconds) {
    poolUse.labelValues(pool.label()).observe(nanoseconds / NANOS);
  }

  /** Somebody asks for a place of this pool. */
  void poolWanted(Pool pool) {
    pools.putIfAbsent(pool.label(), pool);
  }

  @Override
  public void close() {
    collectors.forEach(registry::unregister);
  }
}
