import { Cluster, Redis } from 'ioredis';
import { createClient } from 'redis';

/** A client with its default settings, as most applications have it. */
export async function openIoredis(url, options = {}) {
  const client = new Redis(url, options);
  client.on('error', () => {});
  return { client, send: (...args) => client.call(...args), close: async () => client.disconnect() };
}

export async function openNodeRedis(url, options = {}) {
  const client = createClient({ url, ...options });
  client.on('error', () => {});
  await client.connect();
  return { client, send: (...args) => client.sendCommand(args), close: async () => client.destroy() };
}

/** A client that finds out by itself which server has which keys. */
export async function openIoredisCluster(url, options = {}) {
  const client = new Cluster([url], { redisOptions: options });
  client.on('error', () => {});
  return { client, send: (...args) => client.call(...args), close: async () => client.disconnect() };
}
