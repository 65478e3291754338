import { findSourceMap, SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withRegularFile } from './regular-file.ts';

/** Files that are looked at for a map. */
export const MAX_MAPPED_FILES = 50;
/** Bytes of a map; a longer one is not read. */
export const MAX_MAP_LENGTH = 1_048_576;
/** Bytes that the process reads of built files and maps in all: reading and parsing a map blocks it. */
export const MAX_BYTES_READ = 8 * 1_048_576;
/** Places that are remembered, with or without a source. */
export const MAX_MAPPED_PLACES = 500;
const MAX_PATH = 1024;

/** A place in a source. */
export interface SourcePlace {
  /** An absolute path, or what a bundler calls the file: `src/orders.ts`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface LoadedMap {
  readonly map: SourceMap;
  /** Where the map's relative sources start from. */
  readonly folder: string;
}

/** May these bytes be read? Counts them. */
type Spend = (bytes: number) => boolean;

/**
 * Leads from places in built files to their sources, by Node's own maps (`--enable-source-maps`), or by the map that the file
 * names at its end. Reads when a finding needs it, and keeps the places alone.
 */
export class SourceMaps {
  readonly #places = new Map<string, SourcePlace | undefined>();
  /** By file; `undefined` for one without a map. A large map is left to the garbage collector. */
  readonly #loaded = new Map<string, { readonly map: WeakRef<SourceMap>; readonly folder: string } | undefined>();
  #bytesRead = 0;

  /** What was read of built files and their maps. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** The place in the source of this place in a built file; both counted from 1. `undefined` when no map leads there. */
  find(file: string, line: number, column: number): SourcePlace | undefined {
    if (file.length > MAX_PATH) return undefined;
    const key = `${file}:${line}:${column}`;
    if (this.#places.has(key)) return this.#places.get(key);
    const place = this.#lookUp(file, line, column);
    const [oldest] = this.#places.keys();
    if (oldest !== undefined && this.#places.size >= MAX_MAPPED_PLACES) this.#places.delete(oldest);
    this.#places.set(key, place);
    return place;
  }

  #lookUp(file: string, line: number, column: number): SourcePlace | undefined {
    try {
      const loaded = this.#of(file);
      const origin = loaded?.map.findOrigin(line, column);
      if (loaded === undefined || origin === undefined || !('fileName' in origin) || !origin.fileName) return undefined;
      if (origin.fileName.length > MAX_PATH) return undefined;
      const source = toPath(origin.fileName, loaded.folder);
      return { file: source, line: origin.lineNumber, column: origin.columnNumber };
    } catch {
      // A broken map: the built file's place is all there is.
      return undefined;
    }
  }

  #of(file: string): LoadedMap | undefined {
    const known = findSourceMap(file);
    if (known !== undefined) return { map: known, folder: dirname(file) };
    const before = this.#loaded.get(file);
    const kept = before?.map.deref();
    if (before !== undefined && kept !== undefined) return { map: kept, folder: before.folder };
    const isKnown = this.#loaded.has(file);
    if (isKnown ? before === undefined : this.#loaded.size >= MAX_MAPPED_FILES) return undefined;
    // Before it is read: a file that cannot be read is asked for once.
    this.#loaded.set(file, undefined);
    const loaded = load(file, (bytes) => this.#spend(bytes));
    this.#loaded.set(file, loaded && { map: new WeakRef(loaded.map), folder: loaded.folder });
    return loaded;
  }

  #spend(bytes: number): boolean {
    if (this.#bytesRead + bytes > MAX_BYTES_READ) return false;
    this.#bytesRead += bytes;
    return true;
  }
}

const MARK = 'sourceMappingURL=';
const DATA = /^data:application\/json[^,]*;base64,/;

function load(file: string, spend: Spend): LoadedMap | undefined {
  const tail = tailOf(file, spend);
  const at = tail.lastIndexOf(MARK);
  if (at === -1) return undefined;
  const [url = ''] = tail.slice(at + MARK.length).split(/\s/, 1);
  const inline = DATA.exec(url);
  if (inline === null && url.includes(':')) return undefined;
  const mapFile = inline === null ? resolve(dirname(file), decodeURI(url)) : file;
  const json = inline === null ? mapIn(mapFile, spend) : Buffer.from(url.slice(inline[0].length), 'base64').toString();
  if (json === undefined) return undefined;
  const payload = JSON.parse(json) as SourceMapPayload;
  const root = payload.sourceRoot;
  const folder = resolve(dirname(mapFile), root?.includes(':') === false ? root : '');
  return { map: new SourceMap({ ...withoutContent(payload), sourceRoot: '' }), folder };
}

function mapIn(path: string, spend: Spend): string | undefined {
  return withRegularFile(path, (file) => {
    if (file.size > MAX_MAP_LENGTH || !spend(file.size)) return undefined;
    return file.readLast(file.size).toString();
  });
}

/** The sources' texts are the larger part of a map, and `SourceMap` copies what it is given. */
function withoutContent(payload: SourceMapPayload): SourceMapPayload {
  const { sections } = payload as { sections?: readonly { readonly map: SourceMapPayload }[] };
  if (sections === undefined) return { ...payload, sourcesContent: [] };
  const slim = sections.map((section) => ({ ...section, map: withoutContent(section.map) }));
  return { ...payload, sections: slim } as SourceMapPayload;
}

/** Where the name of a map stands, and as much of the file's end as an inline map may take. */
const TAIL_LENGTHS = [4096, Math.ceil((MAX_MAP_LENGTH * 4) / 3) + 256];

function tailOf(path: string, spend: Spend): string {
  const tail = withRegularFile(path, (file) => {
    for (const length of TAIL_LENGTHS) {
      if (!spend(Math.min(length, file.size))) return '';
      const text = file.readLast(length).toString();
      if (text.includes(MARK) || file.size <= length) return text;
    }
    return '';
  });
  return tail ?? '';
}

/** `webpack://shop/./src/orders.ts?1a2b`, `turbopack://[project]/src/orders.ts`: the bundler's name, then the file from its root. */
const BUNDLED = /^(?:webpack|turbopack|ng|vite|rsc|webpack-internal):\/\/(?:\/|[^/]*\/)/;

function toPath(source: string, folder: string): string {
  if (source.startsWith('file:')) return fileURLToPath(source);
  const bundled = source.replace(BUNDLED, '');
  if (bundled !== source) return bundled.replace(/^\.\//, '').replace(/\?.*$/, '');
  return isAbsolute(source) ? source : resolve(folder, source);
}
