import { createHmac, timingSafeEqual } from 'node:crypto';
import { ID_LENGTH } from './scripts.ts';

/** What is stored with a value, and decides whether the value still holds. */
export interface EnvelopeHeader {
  /** Of the lease under which it was computed. */
  readonly token: string;
  readonly clearId: string;
  /** By tag: the version that it had when the computation started. */
  readonly versions: ReadonlyMap<string, string>;
  readonly freshMs: number;
  readonly staleMs: number;
  readonly computeMs: number;
}

export interface Envelope extends EnvelopeHeader {
  readonly body: string;
}

/** What an envelope is sealed with: a copy under another key or version is as wrong as another text. */
export interface Seal {
  readonly hmacKey: string | Uint8Array;
  /** The name of its key in Redis. */
  readonly context: string;
}

/** Letters of a SHA-256 in base64url. */
const MAC_LENGTH = 43;

/**
 * `<token><seal><header>\n<body>`: the token first and of fixed length, where scripts find it. The header is a JSON list:
 * clear id, three times in ms, then tag and version in turn.
 */
export function writeEnvelope({ body, ...header }: Envelope, seal: Seal | undefined): string {
  const list = [header.clearId, header.freshMs, header.staleMs, header.computeMs, ...[...header.versions].flat()];
  const rest = `${JSON.stringify(list)}\n${body}`;
  return header.token + (seal === undefined ? '' : macOf(header.token + rest, seal)) + rest;
}

/** `undefined` for what no `writeEnvelope` with this seal has made. */
export function readEnvelope(text: string, seal: Seal | undefined): Envelope | undefined {
  const token = text.slice(0, ID_LENGTH);
  const start = ID_LENGTH + (seal === undefined ? 0 : MAC_LENGTH);
  const rest = text.slice(start);
  if (seal !== undefined && !isMac(text.slice(ID_LENGTH, start), macOf(token + rest, seal))) return undefined;
  const end = rest.indexOf('\n');
  if (end === -1) return undefined;
  const header = readHeader(rest.slice(0, end));
  return header === undefined ? undefined : { token, ...header, body: rest.slice(end + 1) };
}

function readHeader(json: string): Omit<EnvelopeHeader, 'token'> | undefined {
  const list = parseList(json);
  if (list === undefined || list.length % 2 !== 0) return undefined;
  const [clearId, freshMs, staleMs, computeMs, ...tags] = list;
  if (typeof clearId !== 'string' || !isTime(freshMs) || !isTime(staleMs) || !isTime(computeMs)) return undefined;
  const versions = new Map<string, string>();
  for (let i = 0; i < tags.length; i += 2) {
    const [tag, version] = [tags[i], tags[i + 1]];
    if (typeof tag !== 'string' || typeof version !== 'string') return undefined;
    versions.set(tag, version);
  }
  return { clearId, freshMs, staleMs, computeMs, versions };
}

function parseList(json: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function macOf(text: string, { hmacKey, context }: Seal): string {
  return createHmac('sha256', hmacKey).update(`${context.length} ${context}${text}`).digest('base64url');
}

function isMac(found: string, expected: string): boolean {
  const [a, b] = [Buffer.from(found), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
