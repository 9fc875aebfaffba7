package dev.millrace.engine.core;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What an engine reports, under the original's names. Thread-safe. */
final class EngineMetrics {
  private static final double NANOS = 1e9;

  private final Summary evaluation;
  private final Gauge activeJobs;
  private final Gauge items;
  private final Counter evaluations;
  private final Gauge poolQueue;
  private final Gauge poolUsed;
  private final Gauge poolCapacity;
  private final Summary poolWait;
  private final Summary poolUse;
  private final Map<String, Pool> pools = new ConcurrentHashMap<>();

  EngineMetrics(PrometheusRegistry registry) {
    evaluation =
        Summary.builder()
            .name("ocurrent_core_evaluation_time_seconds")
            .help("Time spent on a round of evaluation")
            .register(registry);
    activeJobs =
        Gauge.builder()
            .name("ocurrent_core_active_jobs")
            .help("Jobs that are not over")
            .register(registry);
    items =
        Gauge.builder()
            .name("ocurrent_cache_memory_cache_items")
            .help("Keys of operations in memory")
            .labelNames("id")
            .register(registry);
    evaluations =
        Counter.builder()
            .name("ocurrent_cache_evaluations")
            .help("Evaluations of stages that run an operation")
            .register(registry);
    poolQueue =
        Gauge.builder()
            .name("ocurrent_pool_qlen")
            .help("Jobs that wait for a place")
            .labelNames("name")
            .register(registry);
    poolUsed =
        Gauge.builder()
            .name("ocurrent_pool_resources_in_use")
            .help("Places that are taken")
            .labelNames("name")
            .register(registry);
    poolCapacity =
        Gauge.builder()
            .name("ocurrent_pool_capacity")
            .help("Places there are")
            .labelNames("name")
            .register(registry);
    poolWait =
        Summary.builder()
            .name("ocurrent_pool_wait_time_seconds")
            .help("Time until a place was given")
            .labelNames("name")
            .register(registry);
    poolUse =
        Summary.builder()
            .name("ocurrent_pool_use_time_seconds")
            .help("Time for which a place was kept")
            .labelNames("name")
            .register(registry);
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

  void activeJobs(int count) {
    activeJobs.set(count);
  }

  PoolMetrics of(Pool pool) {
    pools.putIfAbsent(pool.label(), pool);
    poolCapacity.labelValues(pool.label()).set(pool.capacity());
    return nanoseconds -> poolWait.labelValues(pool.label()).observe(nanoseconds / NANOS);
  }

  void poolUsed(Pool pool, long nanoseconds) {
    poolUse.labelValues(pool.label()).observe(nanoseconds / NANOS);
  }

  /** Brings the gauges that are not events up to date. */
  void refresh() {
    for (Pool pool : pools.values()) {
      poolQueue.labelValues(pool.label()).set(pool.waiting());
      poolUsed.labelValues(pool.label()).set(pool.used());
    }
  }
}
