import { SingleBar } from 'cli-progress';
import { runAtExit } from './run-at-exit.ts';

/** Where a command is. On standard error: standard output is for its results. */
export interface Progress {
  /** A new phase begins; the one before it is done. */
  phase(name: string): void;
  /** One more step of this phase is done. */
  step(): void;
  /** Nothing more is coming. */
  end(): void;
}

/** A bar when standard error is a terminal, else one plain line per phase. `steps`: all that will be done, phases included. */
export function startProgress(steps: number): Progress {
  if (!process.stderr.isTTY) {
    return {
      phase: (name) => void process.stderr.write(`${name} …\n`),
      step: () => undefined,
      end: () => undefined,
    };
  }
  const bar = new SingleBar({
    format: '{bar} {percentage} %  {phase}',
    barsize: 24,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: false,
    gracefulExit: false, // it would answer signals itself; run-at-exit.ts does
  });
  bar.start(steps, 0, { phase: '' });
  const keepAtExit = runAtExit(() => bar.stop());
  return {
    phase: (name) => bar.increment(1, { phase: name }),
    step: () => bar.increment(),
    end: () => {
      bar.stop();
      keepAtExit();
    },
  };
}
