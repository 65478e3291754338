import type { Meter, ObservableResult } from '@opentelemetry/api';
import {
  ATTR_DB_CLIENT_CONNECTION_POOL_NAME,
  ATTR_DB_CLIENT_CONNECTION_STATE,
  METRIC_DB_CLIENT_CONNECTION_COUNT,
  METRIC_DB_CLIENT_CONNECTION_MAX,
  METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS,
} from '../../core/semconv.ts';

/** Pools that are looked at; an application has a few. */
const MAX_POOLS = 1000;

/** The part of pg's pool that is counted. */
interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly ending?: boolean;
  readonly options: {
    readonly host?: unknown;
    readonly port?: unknown;
    readonly database?: unknown;
    readonly max?: unknown;
  };
}

interface Counts {
  used: number;
  idle: number;
  pending: number;
  max: number;
}

/**
 * `db.client.connection.*` of pg's pools, with the official names. They are read when somebody collects metrics: counted at each
 * change, as the official instrumentation does, they cost more than a query's span.
 */
export class PgPoolMetrics {
  readonly #meter: () => Meter;
  readonly #known = new WeakSet();
  readonly #pools = new Set<WeakRef<Pool>>();
  #areMade = false;

  constructor(meter: () => Meter) {
    this.#meter = meter;
  }

  /** To be called with a pool whenever it is used. */
  add(pool: object): void {
    if (this.#known.has(pool)) return;
    this.#known.add(pool);
    if (!isPool(pool) || this.#pools.size >= MAX_POOLS) return;
    this.#pools.add(new WeakRef(pool));
    if (!this.#areMade) this.#make();
  }

  #make(): void {
    this.#areMade = true;
    const meter = this.#meter();
    const observe = (name: string, description: string, unit: string, tell: Tell): void => {
      meter.createObservableUpDownCounter(name, { description, unit }).addCallback((result) => {
        for (const [poolName, counts] of this.#countsByName())
          tell(result, counts, { [ATTR_DB_CLIENT_CONNECTION_POOL_NAME]: poolName });
      });
    };
    observe(
      METRIC_DB_CLIENT_CONNECTION_COUNT,
      'The number of connections that are currently in state described by the state attribute.',
      '{connection}',
      (result, { used, idle }, attributes) => {
        result.observe(used, { ...attributes, [ATTR_DB_CLIENT_CONNECTION_STATE]: 'used' });
        result.observe(idle, { ...attributes, [ATTR_DB_CLIENT_CONNECTION_STATE]: 'idle' });
      },
    );
    observe(
      METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS,
      'The number of current pending requests for an open connection.',
      '{connection}',
      (result, { pending }, attributes) => result.observe(pending, attributes),
    );
    observe(
      METRIC_DB_CLIENT_CONNECTION_MAX,
      'The maximum number of open connections allowed.',
      '{connection}',
      (result, { max }, attributes) => result.observe(max, attributes),
    );
  }

  /** Several pools may go to one database. */
  #countsByName(): ReadonlyMap<string, Counts> {
    const byName = new Map<string, Counts>();
    for (const reference of this.#pools) {
      const pool = reference.deref();
      if (pool === undefined || pool.ending === true) {
        this.#pools.delete(reference);
        continue;
      }
      const { host, port, database, max } = pool.options;
      const name = `${text(host, 'unknown_host')}:${text(port, 'unknown_port')}/${text(database, 'unknown_database')}`;
      const counts = byName.get(name) ?? { used: 0, idle: 0, pending: 0, max: 0 };
      byName.set(name, counts);
      counts.used += pool.totalCount - pool.idleCount;
      counts.idle += pool.idleCount;
      counts.pending += pool.waitingCount;
      counts.max += typeof max === 'number' ? max : 0;
    }
    return byName;
  }
}

type Tell = (result: ObservableResult, counts: Counts, attributes: Record<string, string>) => void;

function isPool(pool: object): pool is Pool {
  return 'totalCount' in pool && 'idleCount' in pool && 'waitingCount' in pool && 'options' in pool;
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) || fallback : fallback;
}
