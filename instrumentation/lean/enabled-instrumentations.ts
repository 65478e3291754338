import type { Environment } from '../../core/settings.ts';

/** By OTEL_NODE_ENABLED_INSTRUMENTATIONS and OTEL_NODE_DISABLED_INSTRUMENTATIONS, as the official package reads them. */
export class EnabledInstrumentations {
  /** `undefined`: all. */
  readonly #enabled: ReadonlySet<string> | undefined;
  readonly #disabled: ReadonlySet<string>;

  constructor(environment: Environment) {
    const enabled = environment['OTEL_NODE_ENABLED_INSTRUMENTATIONS'];
    this.#enabled = enabled === undefined || enabled === '' ? undefined : new Set(listed(enabled));
    this.#disabled = new Set(listed(environment['OTEL_NODE_DISABLED_INSTRUMENTATIONS']));
  }

  has(name: string): boolean {
    return !this.#disabled.has(name) && (this.#enabled === undefined || this.#enabled.has(name));
  }

  /** For those that are off otherwise. */
  isNamed(name: string): boolean {
    return this.#enabled !== undefined && this.has(name);
  }
}

function listed(value: string | undefined): readonly string[] {
  return (value ?? '').split(',').map((name) => name.trim());
}
