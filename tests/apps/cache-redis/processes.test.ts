import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startRedisOrSkip } from '../../support/redis-or-skip.ts';

const redis = await startRedisOrSkip({});
const FOR_MS = 3000;

interface Seen {
  readonly hits: number;
  readonly misses: number;
  readonly stored: number;
  readonly voided: number;
  readonly changes: number;
  readonly tooOld: readonly unknown[];
  /** In the end, the value was that of the source. */
  readonly isLast: boolean;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => redis?.stop());

class Racer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  constructor(env: Readonly<Record<string, string>>) {
    const program = fileURLToPath(new URL('racer.mjs', import.meta.url));
    this.#child = spawn(process.execPath, [program], { env: { ...process.env, ...env }, stdio: 'pipe' });
    children.push(this.#child);
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    if (this.#child.stdout === null) throw new Error('A racer has no output.');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async says(word: string): Promise<string> {
    const { value = '' } = (await this.#lines.next()) as { readonly value?: string };
    if (!value.startsWith(word)) throw new Error(`A racer said "${value}", not "${word}".\n${this.#stderr}`);
    return value.slice(word.length);
  }

  goOn(): void {
    this.#child.stdin?.write('go on\n');
  }
}

/** Starts two processes at the same moment, and lets both look once more when both are done. */
async function race(env: Readonly<Record<string, string>>): Promise<readonly Seen[]> {
  const shared = { REDIS_URL: redis?.url ?? '', PREFIX: `race-${randomUUID()}`, FOR_MS: String(FOR_MS), ...env };
  const racers = ['ioredis', 'node-redis'].map((CLIENT) => new Racer({ ...shared, CLIENT }));
  for (const word of ['ready', 'done']) {
    await Promise.all(racers.map((racer) => racer.says(word)));
    for (const racer of racers) racer.goOn();
  }
  return (await Promise.all(racers.map((racer) => racer.says('seen')))).map((text) => JSON.parse(text) as Seen);
}

describe.skipIf(redis === undefined)('two processes, one on ioredis and one on node-redis', () => {
  it('read nothing of the second tier that was invalidated before, whoever did it', async () => {
    for (const seen of await race({ TIERS: 'second' })) {
      expect(seen).toMatchObject({ tooOld: [], isLast: true });
      for (const count of [seen.hits, seen.stored, seen.voided, seen.changes]) expect(count).toBeGreaterThan(20);
    }
  });

  it('would read it without fences', async () => {
    const seen = await race({ TIERS: 'second', FLAW: 'no fences' });
    expect(seen.flatMap(({ tooOld }) => tooOld).length).toBeGreaterThan(0);
  });

  it('with two tiers each: read nothing that they invalidated themselves, and soon nothing that the other did', async () => {
    for (const seen of await race({ TIERS: 'both' })) {
      expect(seen).toMatchObject({ tooOld: [], isLast: true });
      for (const count of [seen.hits, seen.misses, seen.changes]) expect(count).toBeGreaterThan(20);
    }
  });
});
