import type { Progress } from '../../../scripts/lib/progress.ts';
import { type AppRun, measureApp } from './measure-app.ts';
import type { Pinning } from './pinning.ts';
import { type Framework, ROUTES } from './routes.ts';
import type { Sink } from './sink.ts';
import { shuffled } from './statistics.ts';
import type { Variant } from './variants.ts';

export interface RoundsOptions {
  readonly frameworks: readonly Framework[];
  readonly variants: readonly Variant[];
  readonly rounds: number;
  /** The number of the first round. */
  readonly firstRound?: number;
  readonly scale: number;
  /** No round is begun that would end later, by the time that the last one took; the first one always runs. */
  readonly secondsMax: number;
  readonly databaseUrl: string;
  readonly sink: Sink;
  readonly pinning: Pinning;
  readonly progress: Progress;
}

/**
 * Runs every variant once per round, in an order drawn anew for each: what the machine does meanwhile meets them all, and none
 * always runs after the same other.
 */
export async function runRounds(options: RoundsOptions): Promise<readonly AppRun[]> {
  const { frameworks, variants, rounds, firstRound = 1, secondsMax, progress, pinning, ...rest } = options;
  const startMs = performance.now();
  let roundMs = 0;
  const runs: AppRun[] = [];
  for (let round = firstRound; round < firstRound + rounds; round++) {
    const roundStartMs = performance.now();
    if (round > firstRound && roundStartMs - startMs + roundMs > secondsMax * 1000) break;
    progress.phase(`Round ${round - firstRound + 1} of ${rounds}`);
    for (const framework of shuffled(frameworks, Math.random)) {
      for (const variant of shuffled(variants, Math.random)) {
        const run = await measureApp({ ...rest, framework, variant, round, prefix: pinning.prefix });
        checkAnswers(run, runs.find((other) => other.framework === framework) ?? run);
        runs.push(run);
        progress.step();
      }
    }
    roundMs = performance.now() - roundStartMs;
  }
  return runs;
}

/** A tool that changes what the application does would be measured at something else. */
function checkAnswers(run: AppRun, first: AppRun): void {
  for (const { name } of ROUTES) {
    const [bytes, expected] = [run.routes[name].bodyBytes, first.routes[name].bodyBytes];
    if (bytes === expected) continue;
    throw new Error(
      `${name} of ${run.framework} answers ${bytes} bytes a request under ${run.variant}, and ${expected} under ${first.variant}.`,
    );
  }
}
