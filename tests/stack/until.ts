import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 50;

/**
 * Asks again and again until there is an answer.
 * @throws {Error} after `deadlineMs` (20 s if not given), with what was waited for and whatever `state` says of it.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { deadlineMs = 20_000, state }: { deadlineMs?: number; state?: () => string } = {},
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) {
      throw new Error(`Waited ${deadlineMs / 1000} s in vain for ${what}.${state === undefined ? '' : `\n${state()}`}`);
    }
    await sleep(pollMs);
  }
}
