import type { StoreFence } from '../store.ts';

/** What a read of the Redis store found out, for the write that may follow. `undefined` for a record that was missing. */
export class RedisFence implements StoreFence {
  readonly brand = 'slowpath.store-fence';
  readonly key: string;
  readonly token: string;
  readonly clearId: string;
  readonly sequence: string | undefined;
  readonly versions: ReadonlyMap<string, string>;

  constructor(parts: Omit<RedisFence, 'brand'>) {
    this.key = parts.key;
    this.token = parts.token;
    this.clearId = parts.clearId;
    this.sequence = parts.sequence;
    this.versions = parts.versions;
  }
}
