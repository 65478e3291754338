import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_MS_MAX = 30_000;

/** What a child process says next over its channel. Rejects if it says nothing for half a minute, or ends. */
export async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const late = sleep(ANSWER_MS_MAX, undefined, { signal }).then(() => {
    throw new Error(`The process said nothing for ${ANSWER_MS_MAX / 1000} s.`);
  });
  // 'close' and not 'exit': by then all that it wrote has been read.
  const end = once(child, 'close', { signal }).then(([code]) => {
    throw new Error(`The process ended with ${code}.`);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), late, end])) as [Message];
    return message;
  } finally {
    waiting.abort();
    await Promise.allSettled([late, end]);
  }
}
