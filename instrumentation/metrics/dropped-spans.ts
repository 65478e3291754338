import type { DropCounters, DropReason } from '../../core/drop-counters.ts';
import { ATTR_SLOWPATH_DROP_REASON, METRIC_SLOWPATH_SPANS_DROPPED } from '../../core/semconv.ts';
import type { MetricFamily, MetricSource } from '../../monitor/metric-store-series.ts';

/** All that speak of spans: `internal` counts faults. */
const REASONS: readonly DropReason[] = ['queue_full', 'export_failed', 'shutdown_deadline', 'process_exit'];

/** `slowpath.spans.dropped`, from the one account of dropped spans. Every reason is there from the start, at 0. */
export class DroppedSpans implements MetricSource {
  readonly #drops: DropCounters;
  readonly #series = REASONS.map((reason) => ({
    reason,
    series: { attributes: { [ATTR_SLOWPATH_DROP_REASON]: reason }, value: 0 },
  }));

  constructor(drops: DropCounters) {
    this.#drops = drops;
  }

  families(): readonly MetricFamily[] {
    for (const { reason, series } of this.#series) series.value = this.#drops.count(reason);
    return [
      {
        kind: 'counter',
        name: METRIC_SLOWPATH_SPANS_DROPPED,
        description: 'Spans that were not delivered.',
        unit: '{span}',
        series: this.#series.map(({ series }) => series),
      },
    ];
  }
}
