import type { RedisClient } from '../../../cache/redis/index.ts';

export interface OpenClient<Client = RedisClient> {
  readonly client: Client;
  send(...args: string[]): Promise<unknown>;
  close(): Promise<void>;
}

export function openIoredis(url: string, options?: object): Promise<OpenClient>;
export function openNodeRedis(url: string, options?: object): Promise<OpenClient>;
export function openIoredisCluster(url: string, options?: object): Promise<OpenClient>;
