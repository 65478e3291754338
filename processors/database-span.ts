import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_STATEMENT_OLD,
  ATTR_DB_SYSTEM_NAME,
  ATTR_DB_SYSTEM_OLD,
} from '../core/semconv.ts';
import { stableHash } from '../core/stable-hash.ts';
import type { QueryFingerprint, QueryKind } from '../core/types.ts';
import { describeQuery, NO_TRAITS, type QueryShape } from '../sql/index.ts';
import { stringAttribute } from './read-span.ts';

/** Key-value stores: their commands are counted by other means and are no queries. */
const KEY_VALUE_SYSTEMS = new Set(['redis', 'memcached', 'valkey']);
/** Stores whose query text is no SQL: the operation and the collection name their shape. */
const DOCUMENT_SYSTEMS = new Set([
  'mongodb',
  'couchdb',
  'elasticsearch',
  'opensearch',
  'aws.dynamodb',
  'dynamodb',
  'cosmosdb',
]);

/** The database system of a client span, by the stable or the older attribute; `undefined` for any other span. */
export function databaseSystemOf(span: ReadableSpan): string | undefined {
  if (span.kind !== SpanKind.CLIENT) return undefined;
  return stringAttribute(span, ATTR_DB_SYSTEM_NAME) ?? stringAttribute(span, ATTR_DB_SYSTEM_OLD);
}

/** True for Redis and its kin. */
export function isKeyValueSystem(system: string): boolean {
  return KEY_VALUE_SYSTEMS.has(system);
}

/** True for MongoDB and its kin, whose statements are an operation on a collection. */
export function isDocumentSystem(system: string): boolean {
  return DOCUMENT_SYSTEMS.has(system);
}

/**
 * What the span's statement is, with literals replaced; `undefined` when the span is no statement:
 * connects and pool waits carry a system but no text.
 */
export function shapeOf(span: ReadableSpan, system: string): QueryShape | undefined {
  if (DOCUMENT_SYSTEMS.has(system)) return documentShape(span, system);
  const text = stringAttribute(span, ATTR_DB_QUERY_TEXT) ?? stringAttribute(span, ATTR_DB_STATEMENT_OLD);
  return text === undefined ? undefined : describeQuery(text, system);
}

const DOCUMENT_READS = new Set([
  'find',
  'aggregate',
  'count',
  'countDocuments',
  'distinct',
  'getMore',
  'search',
  'get',
  'query',
  'scan',
]);

/** What keeps a connection, a session or the server going, and asks for no documents. */
const DOCUMENT_CONTROLS = new Set([
  'commitTransaction',
  'abortTransaction',
  'createIndexes',
  'listIndexes',
  'listCollections',
  'listDatabases',
  'killCursors',
  'endSessions',
  'ping',
  'hello',
  'isMaster',
  'ismaster',
  'buildInfo',
]);

/** Their spans do not say how many documents they are for, unless they have a batch size. */
const DOCUMENT_BATCHES = new Set(['insert', 'insertMany', 'bulkWrite']);

function kindOfOperation(operation: string): QueryKind {
  if (DOCUMENT_CONTROLS.has(operation)) return 'control';
  return DOCUMENT_READS.has(operation) ? 'read' : 'write';
}

function documentShape(span: ReadableSpan, system: string): QueryShape | undefined {
  const operation = stringAttribute(span, ATTR_DB_OPERATION_NAME) ?? stringAttribute(span, 'db.operation');
  if (operation === undefined) return undefined;
  const collection = stringAttribute(span, ATTR_DB_COLLECTION_NAME) ?? '';
  const summary = collection === '' ? operation : `${operation} ${collection}`;
  return {
    text: summary,
    fingerprint: stableHash(`${system}\n${summary}`) as QueryFingerprint,
    summary,
    exact: false,
    kind: kindOfOperation(operation),
    // MongoDB has no BEGIN. Where nothing was started, an end would close the transaction of another database.
    startsTransaction: false,
    takesList: DOCUMENT_BATCHES.has(operation),
    literalsHash: 0,
    literalCount: 0,
    parameterCount: 0,
    endsTransaction: false,
    listSize: 0,
    traits: collection === '' ? NO_TRAITS : { ...NO_TRAITS, tables: [collection] },
  };
}
