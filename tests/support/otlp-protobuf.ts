/** The part of protobuf that OTLP uses, by field number: https://github.com/open-telemetry/opentelemetry-proto */
export type FieldType =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int'
  | 'sint'
  | 'double'
  | 'fixed32'
  | 'fixed64'
  | 'nanoseconds'
  | 'sfixed64'
  | 'packed'
  | Message;
export type Message = { readonly [field: number]: readonly [name: string, type: FieldType, repeated?: true] };

/** A message as an object; fields that `message` does not name are left out. */
export function decodeProtobuf(bytes: Buffer, message: Message): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(position++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    let raw: bigint | Buffer;
    if (wireType === 0) {
      raw = varint();
    } else {
      if (wireType !== 1 && wireType !== 2 && wireType !== 5)
        throw new Error(`wire type ${wireType} is not used by OTLP`);
      const length = wireType === 1 ? 8 : wireType === 5 ? 4 : Number(varint());
      if (position + length > bytes.length) throw new Error('a field is longer than its message');
      raw = bytes.subarray(position, position + length);
      position += length;
    }
    const field = message[tag >>> 3];
    if (field === undefined) continue;
    const [name, type, repeated] = field;
    const value = valueOf(raw, type);
    if (repeated === true) ((found[name] ??= []) as unknown[]).push(value);
    else found[name] = value;
  }
  return found;
}

function valueOf(raw: bigint | Buffer, type: FieldType): unknown {
  if (typeof raw === 'bigint') {
    if (type === 'bool') return raw !== 0n;
    return Number(type === 'sint' ? (raw >> 1n) ^ -(raw & 1n) : BigInt.asIntN(64, raw));
  }
  if (type === 'string') return raw.toString();
  if (type === 'bytes') return raw.toString('hex');
  if (type === 'double') return raw.readDoubleLE();
  if (type === 'fixed32') return raw.readUInt32LE();
  // As OTLP's JSON has them: a number would lose the last digits.
  if (type === 'nanoseconds') return raw.readBigUInt64LE().toString();
  if (type === 'fixed64') return Number(raw.readBigUInt64LE());
  if (type === 'sfixed64') return Number(raw.readBigInt64LE());
  if (type === 'packed') return unpack(raw);
  return decodeProtobuf(raw, type as Message);
}

function unpack(bytes: Buffer): number[] {
  const numbers: number[] = [];
  for (let position = 0; position < bytes.length;) {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(position++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    numbers.push(value);
  }
  return numbers;
}
