import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { SamplerSetting } from './standard-settings.ts';

/** The SDK's sampler that the setting means. */
export function createSampler({ root, isParentBased, ratio }: SamplerSetting): Sampler {
  const sampler = createRootSampler(root, ratio);
  return isParentBased ? new ParentBasedSampler({ root: sampler }) : sampler;
}

function createRootSampler(root: SamplerSetting['root'], ratio: number): Sampler {
  if (root === 'always_on') return new AlwaysOnSampler();
  return root === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
}
