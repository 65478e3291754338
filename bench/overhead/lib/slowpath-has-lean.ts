import { spawnSync } from 'node:child_process';
import { environmentOf, REPOSITORY } from './app.ts';
import { SLOWPATH, slowpathEnv, type Variant } from './variants.ts';

/** False if this build of slowpath has only the official instrumentations: it then says that it does not know the setting. */
export function slowpathHasLean(): boolean {
  const variant: Variant = {
    name: 'probe',
    title: '',
    pairedWith: 'probe',
    env: { ...slowpathEnv('lean'), OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
  };
  const { stderr } = spawnSync(process.execPath, ['--import', SLOWPATH, '--eval', ''], {
    cwd: REPOSITORY,
    env: environmentOf(variant, 'http://127.0.0.1:9'),
    encoding: 'utf8',
  });
  return !/SLOWPATH_INSTRUMENTATION\S* is not/.test(stderr);
}
