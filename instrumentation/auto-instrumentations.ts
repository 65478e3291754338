import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { FaultLog } from '../core/fault-log.ts';
import type { Environment } from '../core/settings.ts';
import { DriverEntries } from './driver-entries.ts';
import { instrumentationConfig } from './instrumentation-config.ts';
import { noteMysqlBindValues } from './mysql-bind-values.ts';

/** Every official instrumentation, trimmed to the spans that matter, with hooks for what spans do not tell; and our own. */
export function createInstrumentations(environment: Environment, faults: FaultLog): readonly Instrumentation[] {
  const official = getNodeAutoInstrumentations(instrumentationConfig(environment, faults));
  noteMysqlBindValues(official, faults);
  return [...official, new DriverEntries(faults)];
}
