import { startProcess, type StartedProcess } from './start-process.ts';
import { repository } from './start-stack.ts';
import { until } from './until.ts';

/** An application of tests/stack, started as users start theirs. */
export interface StartedApp extends StartedProcess {
  readonly url: string;
}

/** Starts it under `--import slowpath/register` with nothing of this process's settings but what `env` gives. */
export async function startApp(env: NodeJS.ProcessEnv, file = 'app.mjs'): Promise<StartedApp> {
  const { PATH, HOME } = process.env;
  const started = startProcess(process.execPath, {
    args: ['--import', 'slowpath/register', `tests/stack/${file}`],
    cwd: repository,
    env: { PATH, HOME, ...env },
  });
  const url = await until(
    'the application to listen',
    () => {
      if (started.hasEnded()) throw new Error(`The application has ended:\n${started.output()}`);
      return /listening on (\S+)/.exec(started.output())?.[1];
    },
    { state: started.output },
  );
  return { ...started, url };
}
