/** The names in the API's registry and its version, and whether it is the plain object that the API makes. */
const key = Symbol.for('opentelemetry.js.api.1');
const { get } = Object.getOwnPropertyDescriptor(globalThis, key);
const registry = globalThis[key];
const isPlain = Object.values(Object.getOwnPropertyDescriptors(registry)).every((entry) => 'value' in entry);
const names = Object.keys(registry).toSorted().join();
console.log(`registry ${registry.version} ${names} ${get === undefined && isPlain ? 'plain' : 'ours'}`);
