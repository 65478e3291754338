import type { LuaScript } from './scripts.ts';

/**
 * Runs a script by its hash. A server that does not know it (new, restarted, or flushed) is sent the text, which it then keeps.
 * `send` runs one command.
 */
export async function evaluate(
  send: (command: string, args: string[]) => Promise<unknown>,
  script: LuaScript,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await send('EVALSHA', [script.sha1, ...rest]);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await send('EVAL', [script.text, ...rest]);
  }
}
