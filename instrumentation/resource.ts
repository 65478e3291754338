import { diag } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  type DetectedResource,
  type Resource,
  type ResourceDetector,
} from '@opentelemetry/resources';

const SERVICE_NAME = 'service.name';

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

/** Those that OTEL_NODE_RESOURCE_DETECTORS may name. */
const NAMED_DETECTORS: Readonly<Record<string, ResourceDetector>> = {
  env: envDetector,
  host: hostDetector,
  os: osDetector,
  process: processDetector,
  serviceinstance: serviceInstanceIdDetector,
};

/** What the SDK would find out about this process, by the standard variables. */
export function detectedResource(serviceName: string): Resource {
  const named = process.env['OTEL_NODE_RESOURCE_DETECTORS']?.trim();
  const detectors = named ? detectorsNamed(named) : localResourceDetectors;
  return defaultResource()
    .merge(detectResources({ detectors }))
    .merge(resourceFromAttributes({ [SERVICE_NAME]: serviceName }));
}

function detectorsNamed(list: string): ResourceDetector[] {
  const names = list.split(',').map((name) => name.trim());
  if (names.includes('all')) return Object.values(NAMED_DETECTORS);
  if (names.includes('none')) return [];
  return names.flatMap((name) => {
    const detector = Object.hasOwn(NAMED_DETECTORS, name) ? NAMED_DETECTORS[name] : undefined;
    if (detector === undefined) diag.warn(`Resource detector "${name}" of OTEL_NODE_RESOURCE_DETECTORS is unknown.`);
    return detector ?? [];
  });
}
