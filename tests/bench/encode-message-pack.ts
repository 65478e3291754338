/** MessagePack as its specification has it, for tests: https://github.com/msgpack/msgpack/blob/master/spec.md */
export function encodeMessagePack(value: unknown): Buffer {
  if (value === null) return Buffer.of(0xc0);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xc3 : 0xc2);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? integer(value) : double(value);
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) {
    return Buffer.concat([head(value.length, 0x90, 15, [0xdc, 0xdd]), ...value.map(encodeMessagePack)]);
  }
  const entries = Object.entries(value as object);
  return Buffer.concat([head(entries.length, 0x80, 15, [0xde, 0xdf]), ...entries.flat().map(encodeMessagePack)]);
}

function integer(value: number): Buffer {
  if (value >= 0 && value <= 0x7f) return Buffer.of(value);
  if (value < 0 && value >= -32) return Buffer.of(0x100 + value);
  const large = Buffer.alloc(9);
  if (value >= 0 && value <= 0xffff) return Buffer.of(0xcd, value >> 8, value & 0xff);
  large[0] = value >= 0 ? 0xcf : 0xd3;
  large.writeBigInt64BE(BigInt(value), 1);
  return large;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xcb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const short = bytes.length > 31 && bytes.length <= 0xff;
  return Buffer.concat([short ? Buffer.of(0xd9, bytes.length) : head(bytes.length, 0xa0, 31, [0xda, 0xdb]), bytes]);
}

/** The length in the first byte, in two bytes after it, or in four. */
function head(length: number, fixed: number, fixedMax: number, [of16, of32]: readonly [number, number]): Buffer {
  if (length <= fixedMax) return Buffer.of(fixed + length);
  const bytes = Buffer.alloc(length <= 0xffff ? 3 : 5);
  bytes[0] = length <= 0xffff ? of16 : of32;
  if (length <= 0xffff) bytes.writeUInt16BE(length, 1);
  else bytes.writeUInt32BE(length, 1);
  return bytes;
}
