/** The server was there and is not now. The client would keep the command for later, when nobody waits for it any more. */
export class RedisAwayError extends Error {
  override readonly name = 'RedisAwayError';
}
