import type { TestProject } from 'vitest/node';
import { collectorBinaries, type CollectorBinaries } from '../../scripts/collector-binaries.ts';

declare module 'vitest' {
  interface ProvidedContext {
    collectorBinaries: CollectorBinaries;
  }
}

/** Builds the Collector and Jaeger where they are missing, here, where no test's time limit runs. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('collectorBinaries', await collectorBinaries());
}
