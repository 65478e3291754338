/** Commands that read the value of one key. */
const READS = new Set(
  (
    'GET GETEX GETRANGE STRLEN EXISTS TYPE TTL PTTL DUMP GETBIT BITCOUNT ' +
    'HGET HGETALL HMGET HKEYS HVALS HLEN HEXISTS HSTRLEN ' +
    'SMEMBERS SCARD SISMEMBER SMISMEMBER LRANGE LLEN LINDEX ' +
    'ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZSCORE ZMSCORE ZRANK ZREVRANK ZCARD ZCOUNT ' +
    'XRANGE XREVRANGE XLEN PFCOUNT GEOPOS GEODIST JSON.GET'
  ).split(' '),
);

/** Commands that write the value of one key. */
const WRITES = new Set(
  (
    'SET SETEX PSETEX SETNX GETSET GETDEL APPEND SETRANGE SETBIT ' +
    'INCR INCRBY INCRBYFLOAT DECR DECRBY DEL UNLINK TOUCH EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST ' +
    'HSET HMSET HSETNX HDEL HINCRBY HINCRBYFLOAT SADD SREM LPUSH RPUSH LPOP RPOP LSET LREM LTRIM ' +
    'ZADD ZREM ZINCRBY XADD PFADD GEOADD JSON.SET JSON.DEL'
  ).split(' '),
);

const MEMCACHED_READS = new Set(['GET', 'GETS']);
const MEMCACHED_WRITES = new Set(['SET', 'ADD', 'REPLACE', 'APPEND', 'PREPEND', 'DELETE', 'INCR', 'DECR', 'TOUCH']);

/**
 * What a command (upper case) does with the value of one key. `undefined` for all others: those that take many keys or read
 * on (`MGET`, `SCAN`), that wait (`BLPOP`, `XREAD`), that talk to nobody in particular (`PUBLISH`), and that control the
 * connection (`PING`, `MULTI`, `AUTH`).
 */
export function keyValueOperation(command: string, system: string): 'read' | 'write' | undefined {
  const isMemcached = system === 'memcached';
  if ((isMemcached ? MEMCACHED_READS : READS).has(command)) return 'read';
  return (isMemcached ? MEMCACHED_WRITES : WRITES).has(command) ? 'write' : undefined;
}
