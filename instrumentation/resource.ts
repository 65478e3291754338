import {
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
  serviceInstanceIdDetector,
  type DetectedResource,
  type ResourceDetector,
} from '@opentelemetry/resources';

/** A command line may hold a password; these two repeat it. */
const COMMAND_ATTRIBUTES = new Set(['process.command', 'process.command_args']);

const processWithoutCommand: ResourceDetector = {
  detect(config): DetectedResource {
    const detected = processDetector.detect(config);
    const attributes = Object.entries(detected.attributes ?? {}).filter(([name]) => !COMMAND_ATTRIBUTES.has(name));
    return { ...detected, attributes: Object.fromEntries(attributes) };
  },
};

/** What describes this process without asking the network: the cloud detectors probe it at every start. */
export const localResourceDetectors: ResourceDetector[] = [
  envDetector,
  hostDetector,
  osDetector,
  processWithoutCommand,
  serviceInstanceIdDetector,
];
